const kPaths = {
  logo: '<path d="M3.5 7h5c5.5 0 1.5 10 7 10h5M3.5 17h5c5.5 0 1.5-10 7-10h5"/>',
  mic: '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11.5a7 7 0 0 0 14 0M12 18.5V21"/>',
  micOff:
    '<path d="M9 9.5V6a3 3 0 0 1 5.9-.8M15 10.5V11a3 3 0 0 1-4.5 2.6M5 11.5a7 7 0 0 0 10.6 6M18.4 14.3a7 7 0 0 0 .6-2.8M12 18.5V21M4 3.5l16 17"/>',
  camera: '<rect x="3" y="6.5" width="12.5" height="11" rx="2.5"/><path d="m15.5 10.8 5.5-3v8.4l-5.5-3"/>',
  cameraOff:
    '<path d="M8.3 6.5H13a2.5 2.5 0 0 1 2.5 2.5v4.7M15.2 16.3a2.5 2.5 0 0 1-2.2 1.2H5.5A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 1.8-2.4M15.5 10.8l5.5-3v8.4l-2.5-1.4M4 3.5l16 17"/>',
  screen: '<rect x="3" y="4.5" width="18" height="12" rx="2.5"/><path d="M8.5 20h7M12 13.5v-6M9.3 10 12 7.3l2.7 2.7"/>',
  screenOff:
    '<rect x="3" y="4.5" width="18" height="12" rx="2.5"/><path d="M8.5 20h7M9.8 8.3l4.4 4.4M14.2 8.3l-4.4 4.4"/>',
  leave:
    '<path d="M3.6 14.6c-.6-.6-.8-1.5-.4-2.3C4.6 9.6 8 8 12 8s7.4 1.6 8.8 4.3c.4.8.2 1.7-.4 2.3l-1 1c-.6.6-1.5.7-2.2.3l-2-1.3a1.7 1.7 0 0 1-.7-1.9l.3-.9a11 11 0 0 0-5.6 0l.3.9c.2.7 0 1.5-.7 1.9l-2 1.3c-.7.4-1.6.3-2.2-.3z"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1"/>',
  check: '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
  settings: '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2.2"/><circle cx="9" cy="17" r="2.2"/>',
  speaker: '<path d="M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.3a8 8 0 0 1 0 11.4"/>',
  people:
    '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.8 19.5a6.2 6.2 0 0 1 12.4 0M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.2 6.2 0 0 1 3.2 5.3"/>',
  phone:
    '<path d="M6.8 4h2.4l1.5 4-2 1.4a11.5 11.5 0 0 0 5.9 5.9l1.4-2 4 1.5v2.4a2.3 2.3 0 0 1-2.5 2.3A15.6 15.6 0 0 1 4.5 6.5 2.3 2.3 0 0 1 6.8 4z"/>',
  missed:
    '<path d="M3.6 17.6c-.6-.6-.8-1.5-.4-2.3C4.6 12.6 8 11 12 11s7.4 1.6 8.8 4.3c.4.8.2 1.7-.4 2.3l-1 1c-.6.6-1.5.7-2.2.3l-2-1.3a1.7 1.7 0 0 1-.7-1.9l.3-.9a11 11 0 0 0-5.6 0l.3.9c.2.7 0 1.5-.7 1.9l-2 1.3c-.7.4-1.6.3-2.2-.3zM6.5 3.5h4M6.5 3.5v4M6.5 3.5 12 8.5l5.5-5"/>',
  pause: '<path d="M8.5 5.5v13M15.5 5.5v13"/>',
  play: '<path d="M8 5.3v13.4L19 12z"/>',
  addPerson: '<circle cx="10" cy="8.5" r="3.5"/><path d="M3.8 19.5a6.2 6.2 0 0 1 12.4 0M19 7v6M16 10h6"/>',
  chat: '<path d="M5.5 4.5h13A2.5 2.5 0 0 1 21 7v7.5a2.5 2.5 0 0 1-2.5 2.5H11l-5 4v-4h-.5A2.5 2.5 0 0 1 3 14.5V7a2.5 2.5 0 0 1 2.5-2.5z"/>',
  back: '<path d="M14.5 5.5 8 12l6.5 6.5"/>',
  more: '<path d="M5.5 12v.1M12 12v.1M18.5 12v.1"/>',
  send: '<path d="M4 12 20 4.5 15.5 20l-3.8-6.2zM11.7 13.8 20 4.5"/>',
  devices:
    '<rect x="2.5" y="5" width="13" height="10" rx="2"/><path d="M6 19h6"/><rect x="15.5" y="9" width="6" height="10.5" rx="1.6"/>',
  bell: '<path d="M6.5 9.5a5.5 5.5 0 0 1 11 0c0 3.5.6 5.3 1.4 6.5.3.4 0 1-.5 1H5.6c-.5 0-.8-.6-.5-1 .8-1.2 1.4-3 1.4-6.5zM10 20a2.2 2.2 0 0 0 4 0"/>',
  silent:
    '<path d="M8 5.7A5.5 5.5 0 0 1 17.5 9.5c0 2.2.4 3.8 1 4.9M15.5 17H5.6c-.5 0-.8-.6-.5-1 .8-1.2 1.4-3 1.4-6.5 0-.4 0-.8.1-1.2M10 20a2.2 2.2 0 0 0 4 0M4 3.5l16 17"/>',
  warning: '<path d="M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1"/>',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof kPaths;

/** An icon that takes the colour of its text; it has no name of its own, so what holds it needs one. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.innerHTML = kPaths[name];
  return svg;
}
