# SPDX-License-Identifier: Apache-2.0
# Random walks of a whole device against a reference in floating point.  Under
# ctest as many steps as take seconds; tools/property takes as many as wanted.
if(NOT BUILD_TESTING)
    return()
endif()
add_executable(property
    ${CMAKE_CURRENT_LIST_DIR}/property.c
    ${CMAKE_CURRENT_LIST_DIR}/walk.c
    ${CMAKE_CURRENT_LIST_DIR}/stand.c
    ${CMAKE_CURRENT_LIST_DIR}/answer.c
    ${CMAKE_CURRENT_LIST_DIR}/act_dose.c
    ${CMAKE_CURRENT_LIST_DIR}/act_other.c
    ${CMAKE_CURRENT_LIST_DIR}/act_slow.c
    ${CMAKE_CURRENT_LIST_DIR}/act_phones.c
    ${CMAKE_CURRENT_LIST_DIR}/power.c
    ${CMAKE_CURRENT_LIST_DIR}/reference.c
    ${CMAKE_CURRENT_LIST_DIR}/fast_crypto.c
    ${DG_RIG})
target_include_directories(property PRIVATE
    ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR})
target_compile_definitions(property PRIVATE _POSIX_C_SOURCE=200809L)
target_link_libraries(property PRIVATE dg_core m)
add_test(NAME property COMMAND property 20000 1)
set_tests_properties(property PROPERTIES LABELS "unit" TIMEOUT 300)
