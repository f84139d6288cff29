# SPDX-License-Identifier: Apache-2.0
# Tests of the controllers; included by patient/CMakeLists.txt.
dg_test(controllers LIBRARIES dg_patient)
dg_test(oref0 LIBRARIES dg_patient)
dg_test(oref0_carbs LIBRARIES dg_patient)
dg_test(oref0_vectors
    SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/oref0_cases.c
    LIBRARIES dg_patient jansson)
dg_test(oref0_loop
    SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/oref0_cases.c
    LIBRARIES dg_patient jansson)
