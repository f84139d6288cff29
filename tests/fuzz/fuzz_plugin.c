/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the answers of a controller that is a program of others.  Oracle:
 * what is accepted is in range; what is not leaves nothing asked and says why
 * in a line of text. */
#include "patient/control/plugin.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct dg_controller_output none = {.temp_set = false};
    struct dg_controller_output output;
    char why[DG_PLUGIN_FAULT_MAX] = "";
    const char *const line = (const char *)data;

    memset(&output, 0xA5, sizeof output);
    if (dg_plugin_read_answer(line, size, &output, why) == DG_OK) {
        expect(dg_controller_output_check(&output) == DG_OK);
    } else {
        expect(output.temp_set == none.temp_set && output.temp_mU_per_h == 0 &&
               output.temp_minutes == 0 && output.bolus_mU == 0 &&
               output.meal_bolus_mU == 0 && output.glucagon_ug == 0);
        expect(why[0] != '\0' && memchr(why, '\0', sizeof why) != NULL);
    }
    why[0] = '\0';
    if (dg_plugin_read_ready(line, size, why) != DG_OK) {
        expect(why[0] != '\0');
    }
    return 0;
}
