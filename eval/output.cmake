# SPDX-License-Identifier: Apache-2.0
# What an evaluation leaves behind: run, rating, run file, reports, label.
add_custom_command(
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/report_css.c
    COMMAND ${CMAKE_COMMAND}
        -DINPUT=${CMAKE_SOURCE_DIR}/web/report.css
        -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/report_css.c
        -DNAME=dg_report_css
        -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/web/report.css
        ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    VERBATIM)

set(DG_EVAL_OUTPUT_FILES
    arena.c
    catalogue.c
    conclude.c
    derived.c
    digest.c
    file.c
    hex.c
    html.c
    lab_any.c
    lab_key.c
    lab_token$<$<NOT:$<TARGET_EXISTS:dg_ports_pkcs11>>:_absent>.c
    label_text.c
    position.c
    problem.c
    rate.c
    rating.c
    rating_table.c
    report_html.c
    report_junit.c
    report_rating.c
    report_tests.c
    run.c
    run_codec.c
    run_file.c
    run_file_write.c
    run_second.c
    run_shape.c
    svg_check.c
    utf8.c
    yaml.c)
list(TRANSFORM DG_EVAL_OUTPUT_FILES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)

add_library(dg_eval_output STATIC
    ${DG_EVAL_OUTPUT_FILES} ${CMAKE_CURRENT_BINARY_DIR}/report_css.c)
target_include_directories(dg_eval_output PUBLIC ${CMAKE_SOURCE_DIR})
target_compile_definitions(dg_eval_output PRIVATE _XOPEN_SOURCE=700)
target_link_libraries(dg_eval_output PUBLIC dg_core dg_ports_host PRIVATE yaml)
if(TARGET dg_ports_pkcs11)
    target_link_libraries(dg_eval_output PRIVATE dg_ports_pkcs11)
endif()

# A run in the formats of others.
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode)
set(DG_OUTPUT_FILES
    compare.c
    compare_html.c
    compare_json.c
    compare_text.c
    derived.c
    fuzz_words.c
    label.c
    sequence.c
    verify.c
    output/bundle.c
    output/bundle_components.c
    output/bundle_threats.c
    output/bundle_trace.c
    output/bundle_views.c
    output/csaf.c
    output/dsse.c
    output/etr.c
    output/etr_html.c
    output/etr_results.c
    output/formats.c
    output/harm.c
    output/intoto.c
    output/json_out.c
    output/json_page.c
    output/label_fields.c
    output/label_forms.c
    output/make.c
    output/oscal.c
    output/paper.c
    output/report_pdf.c
    output/requirements.c
    output/sarif.c
    output/sbom.c
    output/sbom_cyclonedx.c
    output/sbom_spdx.c
    output/uuid.c
    output/work_units.c)
list(TRANSFORM DG_OUTPUT_FILES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
foreach(table criteria/work-units-3.1R5:work_units rating/harm:harm)
    string(REPLACE ":" ";" table ${table})
    list(GET table 0 file)
    list(GET table 1 name)
    add_custom_command(
        OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}_yaml.c
        COMMAND ${CMAKE_COMMAND}
            -DINPUT=${CMAKE_SOURCE_DIR}/spec/${file}.yaml
            -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/${name}_yaml.c
            -DNAME=dg_${name}_yaml
            -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
        DEPENDS ${CMAKE_SOURCE_DIR}/spec/${file}.yaml
            ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
        VERBATIM)
endforeach()
add_library(dg_output STATIC ${DG_OUTPUT_FILES}
    ${CMAKE_CURRENT_BINARY_DIR}/harm_yaml.c
    ${CMAKE_CURRENT_BINARY_DIR}/work_units_yaml.c)
target_compile_definitions(dg_output PRIVATE _XOPEN_SOURCE=700)
target_link_libraries(dg_output PUBLIC dg_eval_output dg_profile PkgConfig::JANSSON
    PRIVATE dg_trial_paper PkgConfig::QRENCODE)

foreach(module rating run_codec yaml catalogue)
    dg_test(${module}
        SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/sample_run.c
        LIBRARIES dg_eval_output)
endforeach()
foreach(module compare rate run_file report label outputs)
    dg_test(${module}
        SOURCES ${CMAKE_SOURCE_DIR}/tests/unit/sample_run.c
        LIBRARIES dg_output)
endforeach()
dg_test(sbom LIBRARIES dg_output)
dg_fuzz(run_file LIBRARIES dg_eval_output)
dg_test(sequence LIBRARIES dg_output)
dg_fuzz(sbom LIBRARIES dg_output)
dg_fuzz(sequence LIBRARIES dg_output)
