# SPDX-License-Identifier: Apache-2.0
# The flawed products by which the evaluator is calibrated: the reference's own
# programs, linked with changed copies of the files that a diff names.  An
# object that is linked first stands in for the archive's member.
add_library(flawed_device OBJECT ${DG_DEVICE_SOURCES})
add_library(flawed_role_keys OBJECT ${CMAKE_SOURCE_DIR}/domain/role_keys.c)
add_library(flawed_role_therapy OBJECT
    ${CMAKE_SOURCE_DIR}/domain/role_therapy.c)
add_library(flawed_role_gateway OBJECT
    ${CMAKE_SOURCE_DIR}/domain/role_gateway.c)
add_library(flawed_role_confirm OBJECT
    ${CMAKE_SOURCE_DIR}/domain/role_confirm.c
    ${CMAKE_SOURCE_DIR}/domain/confirm_limits.c)
add_library(flawed_adapter OBJECT ${DG_ADAPTER_MAIN})
foreach(part
        device role_keys role_therapy role_gateway role_confirm adapter)
    set_target_properties(flawed_${part} PROPERTIES
        EXCLUDE_FROM_ALL ${DG_UNIT_ONLY})
    target_compile_definitions(flawed_${part} PRIVATE _GNU_SOURCE)
    target_include_directories(flawed_${part} PRIVATE
        ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include
        ${CMAKE_SOURCE_DIR}/ports/host ${CMAKE_SOURCE_DIR}/domain)
endforeach()

# Whoever runs unit tests alone evaluates no product: they are built when asked.
if(DG_UNIT_ONLY)
    add_custom_target(flawed_products)
else()
    add_custom_target(flawed_products ALL)
endif()

# One program of a flawed product.
function(dg_flawed_program name program part)
    set(target flawed_${name}_${part})
    add_executable(${target} $<TARGET_OBJECTS:flawed_${part}> ${ARGN})
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME ${program}
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/flawed/${name}
        EXCLUDE_FROM_ALL ${DG_UNIT_ONLY})
    if(part STREQUAL "device")
        target_link_libraries(${target} PRIVATE dg_ports_host jansson)
    elseif(part STREQUAL "adapter")
        target_link_libraries(${target} PRIVATE dg_adapter)
    elseif(part STREQUAL "role_gateway")
        target_link_libraries(${target} PRIVATE dg_gateway_json)
    elseif(part STREQUAL "role_confirm")
        target_link_libraries(${target} PRIVATE
            dg_page dg_domain dg_ports_host)
    else()
        target_link_libraries(${target} PRIVATE dg_domain dg_ports_host)
    endif()
    add_dependencies(flawed_products ${target})
endfunction()

# dg_flawed(<name> <files...>): files relative to the top of the tree.
function(dg_flawed name)
    set(diff ${CMAKE_SOURCE_DIR}/eval/flawed/${name}/change.diff)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/flawed/${name})
    set(changed)
    set(core)
    set(domain)
    set(adapter)
    set(gateway)
    set(supervisor)
    set(originals)
    foreach(file ${ARGN})
        list(APPEND changed ${out}/${file})
        list(APPEND originals ${CMAKE_SOURCE_DIR}/${file})
        if(file MATCHES "^core/")
            list(APPEND core ${out}/${file})
        elseif(file MATCHES "^domain/gateway_")
            list(APPEND gateway ${out}/${file}) # only it can read JSON
        elseif(file MATCHES "^domain/(oversee|program|supervisor)")
            list(APPEND supervisor ${out}/${file})
        elseif(file MATCHES "^domain/")
            list(APPEND domain ${out}/${file})
        else()
            list(APPEND adapter ${out}/${file})
        endif()
    endforeach()
    add_custom_command(
        OUTPUT ${changed}
        COMMAND ${CMAKE_SOURCE_DIR}/tools/make-flaw
            ${CMAKE_SOURCE_DIR} ${diff} ${out} ${ARGN}
        DEPENDS ${originals} ${diff} ${CMAKE_SOURCE_DIR}/tools/make-flaw
        VERBATIM)
    add_custom_target(flawed_${name}_sources DEPENDS ${changed})

    set(objects)
    set(objects_domain)
    set(objects_adapter)
    set(objects_gateway)
    set(objects_supervisor)
    foreach(layer core domain adapter gateway supervisor)
        if(${layer})
            set(library flawed_${name}_${layer}_objects)
            add_library(${library} OBJECT ${${layer}})
            set_target_properties(${library} PROPERTIES
                EXCLUDE_FROM_ALL ${DG_UNIT_ONLY})
            add_dependencies(${library} flawed_${name}_sources)
            target_compile_definitions(${library} PRIVATE _GNU_SOURCE)
            # A flaw may leave a parameter or a helper unused.
            target_compile_options(${library} PRIVATE
                -Wno-error -Wno-unused-parameter -Wno-unused-function -Wno-parentheses)
            target_include_directories(${library} PRIVATE
                ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include
                ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/domain
                ${CMAKE_SOURCE_DIR}/ports/host)
        endif()
    endforeach()
    if(core)
        set(objects $<TARGET_OBJECTS:flawed_${name}_core_objects>)
    endif()
    if(domain)
        set(objects_domain $<TARGET_OBJECTS:flawed_${name}_domain_objects>)
    endif()
    if(adapter)
        set(objects_adapter $<TARGET_OBJECTS:flawed_${name}_adapter_objects>)
    endif()
    if(gateway)
        set(objects_gateway $<TARGET_OBJECTS:flawed_${name}_gateway_objects>)
    endif()
    if(supervisor)
        set(objects_supervisor
            $<TARGET_OBJECTS:flawed_${name}_supervisor_objects>)
    endif()
    dg_flawed_program(${name} dosegate-device device ${objects})
    dg_flawed_program(${name} dosegate-role-keys role_keys
        ${objects} ${objects_domain})
    dg_flawed_program(${name} dosegate-role-therapy role_therapy
        ${objects} ${objects_domain})
    dg_flawed_program(${name} dosegate-adapter-device adapter
        ${objects} ${objects_adapter})

    set(same dosegate-role-link)
    set(others)
    foreach(role gateway confirm)
        if(domain OR (gateway AND (role STREQUAL "gateway")))
            dg_flawed_program(${name} dosegate-role-${role} role_${role}
                ${objects_domain} $<$<STREQUAL:${role},gateway>:${objects_gateway}>)
            list(APPEND others ${role}=flawed_${name}_role_${role})
        else()
            list(APPEND same dosegate-role-${role})
        endif()
    endforeach()

    # Its supervisor starts these and no others, as the real one does.
    set(program flawed_${name}_domain)
    add_executable(${program} ${DG_SUPERVISOR_MAIN}
        ${objects_domain} ${objects_supervisor})
    target_include_directories(${program} PRIVATE ${CMAKE_SOURCE_DIR})
    dg_programs(${program} keys=flawed_${name}_role_keys
        therapy=flawed_${name}_role_therapy ${others})
    set_target_properties(${program} PROPERTIES
        OUTPUT_NAME dosegate-domain
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/flawed/${name}
        EXCLUDE_FROM_ALL ${DG_UNIT_ONLY})
    add_dependencies(flawed_products ${program})

    # The rest of the product is the reference's own.
    foreach(program ${same})
        add_custom_command(
            OUTPUT ${CMAKE_BINARY_DIR}/flawed/${name}/${program}
            COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:${program}>
                ${CMAKE_BINARY_DIR}/flawed/${name}/${program}
            DEPENDS ${program})
        list(APPEND copies ${CMAKE_BINARY_DIR}/flawed/${name}/${program})
    endforeach()
    add_custom_target(flawed_${name}_copies DEPENDS ${copies})
    add_dependencies(flawed_products flawed_${name}_copies)
endfunction()

include(flawed/products.cmake)
