# SPDX-License-Identifier: Apache-2.0
# Tests find the shared vectors here; absent in a user's clone, and then each
# test that needs them says "skipped".
set(DG_VECTORS "${CMAKE_SOURCE_DIR}/../shared/vectors" CACHE PATH
    "Folder of published test vectors (optional)")
set(DG_SPEC ${CMAKE_SOURCE_DIR}/spec)

# Where vectors and specification lie is told to the files that ask for it: all
# others are the same bytes wherever the tree lies, and caches of objects hit.
function(dg_test_places target file)
    foreach(place DG_VECTORS DG_SPEC)
        file(STRINGS ${file} asks REGEX "${place}" LIMIT_COUNT 1)
        if(asks)
            target_compile_definitions(${target} PRIVATE
                ${place}="${${place}}")
        endif()
    endforeach()
endfunction()

# What several tests share is compiled once: dg_test_support(<result> <files>)
# gives the objects of those of <files> that lie beside the tests, and the other
# files as they are.
function(dg_test_support result)
    cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
    set(all "")
    foreach(file IN LISTS arg_SOURCES)
        cmake_path(GET file PARENT_PATH folder)
        if(NOT folder STREQUAL "${CMAKE_SOURCE_DIR}/tests/unit")
            list(APPEND all ${file})
            continue()
        endif()
        cmake_path(GET file STEM name)
        if(NOT TARGET test_support_${name})
            add_library(test_support_${name} OBJECT ${file})
            target_include_directories(test_support_${name} PRIVATE
                ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR})
            target_compile_definitions(test_support_${name} PRIVATE
                _POSIX_C_SOURCE=200809L)
            dg_test_places(test_support_${name} ${file})
            target_link_libraries(test_support_${name} PRIVATE
                ${arg_LIBRARIES} cmocka)
        endif()
        list(APPEND all $<TARGET_OBJECTS:test_support_${name}>)
    endforeach()
    set(${result} ${all} PARENT_SCOPE)
endfunction()

# dg_test(<module> [FILE <name>] [SOURCES <files>] [LIBRARIES <targets>]
#         [ARGUMENTS <words>] [LABELS <ids>] [TIMEOUT <seconds>])
# builds tests/unit/test_<module>.c and runs it under ctest.  FILE names
# another test, to run it once more over other SOURCES.
function(dg_test module)
    if(NOT BUILD_TESTING)
        return()
    endif()
    cmake_parse_arguments(arg "" "FILE;TIMEOUT"
        "SOURCES;LIBRARIES;LABELS;ARGUMENTS" ${ARGN})
    if(NOT arg_FILE)
        set(arg_FILE test_${module}.c)
    endif()
    dg_test_support(objects SOURCES ${arg_SOURCES} LIBRARIES ${arg_LIBRARIES})
    add_executable(test_${module}
        ${CMAKE_SOURCE_DIR}/tests/unit/${arg_FILE} ${objects})
    target_include_directories(test_${module} PRIVATE
        ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR})
    target_compile_definitions(test_${module} PRIVATE _POSIX_C_SOURCE=200809L)
    dg_test_places(test_${module} ${CMAKE_SOURCE_DIR}/tests/unit/${arg_FILE})
    target_link_libraries(test_${module} PRIVATE ${arg_LIBRARIES} cmocka)
    add_test(NAME ${module} COMMAND test_${module} ${arg_ARGUMENTS})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    set_tests_properties(${module} PROPERTIES
        LABELS "unit;${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()

# dg_test_again(<name> <module> ARGUMENTS <words> [TIMEOUT <seconds>]) runs a
# test that was built above once more: long ones are cut into parts that way.
function(dg_test_again name module)
    if(NOT BUILD_TESTING)
        return()
    endif()
    cmake_parse_arguments(arg "" "TIMEOUT" "ARGUMENTS" ${ARGN})
    add_test(NAME ${name} COMMAND test_${module} ${arg_ARGUMENTS})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    set_tests_properties(${name} PROPERTIES
        LABELS "unit" TIMEOUT ${arg_TIMEOUT})
endfunction()

# The fuzz preset builds this and nothing else.
if(DG_FUZZ)
    add_custom_target(fuzz_targets)
endif()

# dg_fuzz(<module> [SOURCES ...] [LIBRARIES ...]) builds
# tests/fuzz/fuzz_<module>.c against libFuzzer under the preset "fuzz".
function(dg_fuzz module)
    if(NOT DG_FUZZ)
        return()
    endif()
    cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
    add_executable(fuzz_${module}
        ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_${module}.c ${arg_SOURCES})
    target_include_directories(fuzz_${module} PRIVATE
        ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR})
    target_compile_options(fuzz_${module} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${module} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${module} PRIVATE ${arg_LIBRARIES})
    set_target_properties(fuzz_${module} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_dependencies(fuzz_targets fuzz_${module})
endfunction()
