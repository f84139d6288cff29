# SPDX-License-Identifier: Apache-2.0
# Tests and fuzz targets of the device side of the core.
set(DG_RIG ${CMAKE_SOURCE_DIR}/tests/unit/rig.c
    ${CMAKE_SOURCE_DIR}/tests/unit/rig_crypto.c
    ${CMAKE_SOURCE_DIR}/tests/unit/rig_evidence.c
    ${CMAKE_SOURCE_DIR}/tests/unit/rig_dose.c
    ${CMAKE_SOURCE_DIR}/tests/unit/rig_flash.c)

foreach(module usage usage_device effect limits bounds prescription envelope
        envelope_glucagon authority approval
        reading glucose alarm energy message texts iob settings flash_file)
    dg_test(${module} SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m
        TIMEOUT 300)
endforeach()
foreach(module boot signature_twin)
    dg_test(${module} SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/maker.c
        LIBRARIES dg_core dg_ports_host m TIMEOUT 120)
endforeach()
foreach(module attestation attestation_edges attest_desk policy policy_edges
        pairing controller lease
        ledger ledger_cut ledger_therapy ledger_refused ledger_contradiction
        ledger_hormone safe_state glucagon glucagon_edges glucagon_attack basal loosen
        prescribe prescribe_attack delivery dose_edges interlock therapy
        spread spread_attack reservoir change emergency
        device device_attack device_glucose)
    dg_test(${module} SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m
        TIMEOUT 120)
endforeach()

# Each bit of the flash, and each write of a ring that goes round.
dg_test(ledger_wrap SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m
    TIMEOUT 600)
dg_test(ledger_flip ARGUMENTS 0 4 SOURCES ${DG_RIG}
    LIBRARIES dg_core dg_ports_host m TIMEOUT 600)
dg_test_again(ledger_flip_2 ledger_flip ARGUMENTS 1 4 TIMEOUT 600)
dg_test_again(ledger_flip_3 ledger_flip ARGUMENTS 2 4 TIMEOUT 600)
dg_test_again(ledger_flip_4 ledger_flip ARGUMENTS 3 4 TIMEOUT 600)

# An hour of each flood, frame by frame.
dg_test(energy_device SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m
    TIMEOUT 600)

foreach(module journal_device journal_link)
    dg_test(${module}
        SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/journal_rig.c
        LIBRARIES dg_core dg_ports_host m TIMEOUT 600)
endforeach()
foreach(module journal journal_cut)
    dg_test(${module}
        SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/journal_run.c
        LIBRARIES dg_core dg_ports_host m TIMEOUT 600)
endforeach()

dg_test(message_edges LIBRARIES dg_core)
dg_test(edhoc_edges SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m)
dg_test(link_edges
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m)
dg_test(pairing_room
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m)
dg_test(device_edges SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m)
dg_test(pairing_edges
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m)
dg_test(update
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/maker.c
        ${CMAKE_SOURCE_DIR}/tests/unit/update_rig.c
    LIBRARIES dg_core dg_ports_host m)
dg_test(update_edges
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/maker.c
        ${CMAKE_SOURCE_DIR}/tests/unit/update_rig.c
        ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m)
dg_test(update_faults
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/maker.c
        ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m)
dg_test(journal_faults
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/journal_run.c
        ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m)

foreach(module request answer reading glucose envelope ledger update ticket
        policy prescription)
    dg_fuzz(${module} LIBRARIES dg_core)
endforeach()
dg_fuzz(device SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host cmocka)
dg_fuzz(session SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host cmocka)
dg_fuzz(journal SOURCES ${CMAKE_SOURCE_DIR}/cli/journal_file.c
    LIBRARIES dg_core dg_ports_host)

# Who may come in, and who may do what.
foreach(module revoke role pairing_digits rekey)
    dg_test(${module} SOURCES ${DG_RIG} LIBRARIES dg_core dg_ports_host m
        TIMEOUT 120)
endforeach()
dg_test(method SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/rig_signer.c
    LIBRARIES dg_core dg_ports_host m)

dg_test(counters
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/maker.c
        ${CMAKE_SOURCE_DIR}/tests/unit/journal_run.c
    LIBRARIES dg_core dg_ports_host m)

dg_test(phone_faults
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/rig_signer.c
        ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
    LIBRARIES dg_core dg_ports_host m TIMEOUT 120)

# Each call of each port fails once: every third scene in each of three runs.
dg_test(port_faults ARGUMENTS 0 3
    SOURCES ${DG_RIG} ${CMAKE_SOURCE_DIR}/tests/unit/rig_signer.c
        ${CMAKE_SOURCE_DIR}/tests/unit/failing.c
        ${CMAKE_SOURCE_DIR}/tests/unit/fault_scenes.c
    LIBRARIES dg_core dg_ports_host m TIMEOUT 600)
dg_test_again(port_faults_2 port_faults ARGUMENTS 1 3 TIMEOUT 600)
dg_test_again(port_faults_3 port_faults ARGUMENTS 2 3 TIMEOUT 600)

include(${CMAKE_SOURCE_DIR}/tests/property/property.cmake)

# Every bit, write, call or frame: with gcc alone (tools/test).
if(TARGET test_ledger_flip)
    foreach(name ledger_flip ledger_flip_2 ledger_flip_3 ledger_flip_4
            ledger_wrap energy_device journal_cut
            port_faults port_faults_2 port_faults_3)
        set_property(TEST ${name} APPEND PROPERTY LABELS long)
    endforeach()
endif()
