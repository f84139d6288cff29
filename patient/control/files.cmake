# SPDX-License-Identifier: Apache-2.0
# Controllers; included by patient/CMakeLists.txt.
set(DG_CONTROL_FILES
    control/basal_bolus.c
    control/controller.c
    control/dual.c
    control/loop/carbs.c
    control/loop/glucose.c
    control/loop/insulin.c
    control/oref0/carbs.c
    control/oref0/controller.c
    control/oref0/curve.c
    control/oref0/decide.c
    control/oref0/dose.c
    control/oref0/doses.c
    control/oref0/glucose.c
    control/oref0/iob.c
    control/oref0/onboard.c
    control/oref0/pieces.c
    control/oref0/predict.c
    control/oref0/profile.c
    control/oref0/pump.c
    control/oref0/suspend.c
    control/pid.c)

# Programs of others: the only part that needs JSON and processes.
function(dg_plugin_library)
    add_library(dg_plugin STATIC
        ${CMAKE_CURRENT_SOURCE_DIR}/control/plugin.c
        ${CMAKE_CURRENT_SOURCE_DIR}/control/plugin_message.c)
    target_compile_definitions(dg_plugin PRIVATE _GNU_SOURCE)
    target_link_libraries(dg_plugin PUBLIC dg_patient PRIVATE jansson)
endfunction()
