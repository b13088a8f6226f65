# What every target of this project shares: the language, the warnings, the sanitizers.

add_library(weighbridge_options INTERFACE)
target_compile_features(weighbridge_options INTERFACE cxx_std_20)
target_compile_options(weighbridge_options INTERFACE
    -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<BOOL:${WEIGHBRIDGE_WERROR}>:-Werror>)
# In a united file what one body calls a local may be a name of another's, of which Clang warns.
if(NOT (CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang"))
    target_compile_options(weighbridge_options INTERFACE -Wshadow)
endif()
# GCC 12 warns of overlapping copies in its own std::string::operator+ (GCC bug 105651, mended in 13).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(weighbridge_options INTERFACE -Wno-restrict)
endif()
target_include_directories(weighbridge_options INTERFACE ${PROJECT_SOURCE_DIR})
target_link_options(weighbridge_options INTERFACE -Wl,--as-needed)

if(WEIGHBRIDGE_SANITIZE)
    target_compile_options(weighbridge_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(weighbridge_options INTERFACE -fsanitize=address,undefined)
endif()
if(WEIGHBRIDGE_FUZZ)
    target_compile_options(weighbridge_options INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    target_link_options(weighbridge_options INTERFACE -fsanitize=address,undefined)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# One object per folder where CMAKE_UNITY_BUILD is on (parsing the headers is most of the work), one per file where it
# is off, so that every header is also seen to stand alone. What a folder's files call their own may not collide.
function(weighbridge_unite target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    foreach(source IN LISTS sources)
        if(NOT source MATCHES "\\.cpp$")
            continue()
        endif()
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder} NORMALIZE OUTPUT_VARIABLE whole)
        cmake_path(GET whole PARENT_PATH room)
        cmake_path(RELATIVE_PATH room BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
        string(REPLACE "/" "_" group "${room}")
        set_source_files_properties(${whole} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
    endforeach()
endfunction()
