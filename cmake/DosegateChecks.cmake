# SPDX-License-Identifier: Apache-2.0
# Rules that scripts check, as tests of their own (label "check"), and the
# tests of those scripts (label "tools").
if(NOT BUILD_TESTING)
    return()
endif()
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

# dg_check(<name> <label> <command...>) runs a command in the source folder.
function(dg_check name label)
    add_test(NAME ${name} COMMAND ${ARGN}
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES
        LABELS "${label}" TIMEOUT 120 SKIP_RETURN_CODE 77
        ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endfunction()

dg_check(layers check ${CMAKE_SOURCE_DIR}/tools/check-layers)
dg_check(limit_rows check ${CMAKE_SOURCE_DIR}/tools/check-limits)
dg_check(trace check ${CMAKE_SOURCE_DIR}/tools/check-trace)
dg_check(blind_tests check ${CMAKE_SOURCE_DIR}/tools/check-tests)
dg_check(core_symbols check
    ${CMAKE_SOURCE_DIR}/tools/check-core-symbols ${CMAKE_C_COMPILER})
dg_check(core_symbols_m4 check
    ${CMAKE_SOURCE_DIR}/tools/check-core-symbols arm-none-eabi-gcc)
dg_check(role_symbols check
    ${CMAKE_SOURCE_DIR}/tools/check-role-symbols ${CMAKE_BINARY_DIR}/bin)
dg_check(bootstrap tools
    ${CMAKE_SOURCE_DIR}/tests/integration/test_bootstrap.sh)
foreach(tool
        check_layers check_limits check_core_symbols check_style check_tests check_trace
        front_door prove shown
        tally topology)
    dg_check(${tool} tools
        ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/tools/test_${tool}.py)
endforeach()
if(TARGET dosegate AND TARGET flawed_products)
    add_test(NAME verdicts COMMAND
        ${CMAKE_SOURCE_DIR}/tests/integration/test_verdicts.sh
        $<TARGET_FILE:dosegate>)
    set_tests_properties(verdicts PROPERTIES LABELS integration TIMEOUT 240)
endif()
