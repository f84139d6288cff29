# SPDX-License-Identifier: Apache-2.0
# A file of lane kernels (patient/lane/real.h) is compiled once per precision
# and instruction set; the program chooses when it runs.

set(DG_LANE_OPTIONS -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math)
set(DG_LANE_SETS base)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND DG_LANE_SETS avx2 avx512f)
endif()

# dg_lanes(<target> <file>) adds all variants of a file to a target.  In the
# file, DG_LANE_NAME(stem) is stem_<float|double>_<base|avx2|avx512f>.  Who
# uses the target sees DG_LANE_X86 where the last two exist.
function(dg_lanes target file)
    get_filename_component(stem ${file} NAME_WE)
    foreach(set IN LISTS DG_LANE_SETS)
        foreach(real float double)
            set(variant ${target}_${stem}_${real}_${set})
            add_library(${variant} OBJECT ${file})
            target_include_directories(${variant} PRIVATE
                ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
            target_compile_definitions(${variant} PRIVATE DG_LANE_ISA=${set}
                $<$<STREQUAL:${real},float>:DG_LANE_FLOAT>)
            target_compile_options(${variant} PRIVATE ${DG_LANE_OPTIONS}
                $<$<NOT:$<STREQUAL:${set},base>>:-m${set}>)
            target_sources(${target} PRIVATE $<TARGET_OBJECTS:${variant}>)
        endforeach()
    endforeach()
    if("avx2" IN_LIST DG_LANE_SETS)
        target_compile_definitions(${target} PUBLIC DG_LANE_X86)
    endif()
endfunction()
