# SPDX-License-Identifier: Apache-2.0
# usage: cmake -D OUTPUT=FILE "-D ROLES=link=PATH;keys=PATH;..." -P programs.cmake
# Write the SHA-256 of each role's program as the table of domain/program.h.
set(rows "")
foreach(entry IN LISTS ROLES)
    string(REGEX MATCH "^([a-z]+)=(.+)$" matched "${entry}")
    if(NOT matched)
        message(FATAL_ERROR "programs.cmake: '${entry}' is not role=path")
    endif()
    string(TOUPPER ${CMAKE_MATCH_1} role)
    file(SHA256 ${CMAKE_MATCH_2} digest)
    string(REGEX REPLACE "(..)" "0x\\1, " bytes ${digest})
    string(APPEND rows "    [DG_ROLE_ID_${role}] = {${bytes}},\n")
endforeach()
file(WRITE ${OUTPUT} "/* Made by cmake/programs.cmake. */
#include \"program.h\"

const uint8_t dg_programs[DG_ROLE_PROGRAMS][32] = {
${rows}};
")
