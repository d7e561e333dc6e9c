/** Version of this package, put in by the build. */
declare const __SDK_VERSION__: string;
