# Everything every target shares: warnings as errors, the precompiled header, ccache, sanitizers, the linker.

set(CROSSPOINT_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize takes them; empty for none")

find_program(CCACHE ccache)
if(CCACHE)
    # A precompiled header is only cached when ccache may ignore its time stamps and defines.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                    -Wimplicit-fallthrough -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
    # g++ 12 reports these for std::vector and std::string internals that are correct (GCC bugs 105329, 105651).
    add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-stringop-overread
                        -Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-Xclang -fno-pch-timestamp)
endif()

if(CROSSPOINT_SANITIZE)
    add_compile_options(-fsanitize=${CROSSPOINT_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${CROSSPOINT_SANITIZE})
    if(CROSSPOINT_SANITIZE MATCHES "address")
        # The fuzz targets link against the same objects, so these carry coverage counters too.
        add_compile_options(-fsanitize=fuzzer-no-link)
        set(CROSSPOINT_FUZZ ON)
    endif()
endif()

find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()
