# SPDX-License-Identifier: Apache-2.0
# Tests of the controllers; included by patient/CMakeLists.txt.
dg_test(controllers LIBRARIES dg_patient)
dg_test(loop_vectors LIBRARIES dg_patient jansson)
dg_test(oref0 LIBRARIES dg_patient)
dg_test(oref0_board LIBRARIES dg_patient)
dg_test(oref0_carbs LIBRARIES dg_patient)
dg_test(oref0_vectors
    SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/oref0_cases.c
    LIBRARIES dg_patient jansson)
dg_test(oref0_loop
    SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/oref0_cases.c
    LIBRARIES dg_patient jansson)

# Real programs.
dg_test(plugin FILE ../integration/test_plugin.c LIBRARIES dg_plugin dg_core
    TIMEOUT 240)
if(BUILD_TESTING)
    target_include_directories(test_plugin PRIVATE
        ${CMAKE_SOURCE_DIR}/tests/unit)
    target_compile_definitions(test_plugin PRIVATE
        DG_SOURCE="${CMAKE_SOURCE_DIR}")
endif()

dg_fuzz(plugin LIBRARIES dg_plugin)
