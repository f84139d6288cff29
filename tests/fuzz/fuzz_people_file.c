/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of the two tables of people.
 * Oracle: whoever is accepted lives through a minute with a finite glucose,
 * and whatever is refused has a complaint.  The first byte says whether the
 * headers are put in front; a NUL parts the two tables. */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patient/people_file.h"

#define PEOPLE 8

static const char figures_header[] =
    "Name,x0_1,x0_2,x0_3,x0_4,x0_5,x0_6,x0_7,x0_8,x0_9,x0_10,x0_11,x0_12,"
    "x0_13,BW,Gb,Ib,kabs,kmax,kmin,b,d,Vg,Vi,Vmx,Km0,k2,k1,p2u,m1,m2,m4,m30,"
    "ki,kp2,kp3,f,ke1,ke2,Fsnc,Vm0,kd,ksc,ka1,ka2,u2ss,kp1\n";
static const char therapy_header[] = "Name,CR,CF,Age,TDI\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *file_of(const char *header, const uint8_t *data, size_t size)
{
    FILE *file = tmpfile();

    if ((file == NULL) || (fputs(header, file) < 0) ||
        (fwrite(data, 1, size, file) != size)) {
        abort();
    }
    rewind(file);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dg_person_row people[PEOPLE];
    struct dg_people_fault fault = {.line = 0};
    size_t count = 0;

    if (size < 2) {
        return 0;
    }

    const bool with_headers = data[0] % 2U == 0U;
    const uint8_t *rest = data + 1;
    const uint8_t *split = memchr(rest, 0, size - 1U);
    const size_t first = split == NULL ? size - 1U : (size_t)(split - rest);
    const size_t second = split == NULL ? 0 : size - 2U - first;
    FILE *figures = file_of(with_headers ? figures_header : "", rest, first);
    FILE *therapy = file_of(with_headers ? therapy_header : "",
                            split == NULL ? rest : split + 1,
                            second);
    const enum dg_status status =
        dg_people_file_read(figures, therapy, people, PEOPLE, &count, &fault);

    if ((status != DG_OK) &&
        ((fault.text[0] == '\0') ||
         (memchr(fault.text, 0, sizeof fault.text) == NULL))) {
        abort();
    }
    for (size_t i = 0; (status == DG_OK) && (i < count); i++) {
        struct dg_s2008 patient;

        if ((dg_s2008_init(&patient, &people[i].parameters) != DG_OK) ||
            (dg_s2008_minute(&patient, 1.0, 0.1) != DG_OK) ||
            !isfinite(dg_s2008_plasma_mg_dL(&patient))) {
            abort();
        }
    }
    (void)fclose(figures);
    (void)fclose(therapy);
    return 0;
}
