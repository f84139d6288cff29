# SPDX-License-Identifier: Apache-2.0
# Controllers; included by patient/CMakeLists.txt.
set(DG_CONTROL_FILES
    control/basal_bolus.c
    control/controller.c
    control/dual.c
    control/pid.c)
