/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "patient/control/plugin.h"

#define PROTOCOL 1

static const char *const ages[] = {
    [DG_CONTROLLER_CHILD] = "child",
    [DG_CONTROLLER_ADOLESCENT] = "adolescent",
    [DG_CONTROLLER_ADULT] = "adult",
};

static char *write_line(json_t *message)
{
    char *const line =
        message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;

    json_decref(message);
    return line;
}

char *dg_plugin_write_start(const struct dg_controller_person *person)
{
    json_t *const basal = json_array();

    for (size_t i = 0; i < person->basal_count; i++) {
        (void)json_array_append_new(basal,
                                    json_pack("[i,i]",
                                              (int)person->basal[i].minute,
                                              (int)person->basal[i].mU_per_h));
    }
    return write_line(json_pack("{s:{s:i,s:I,s:o,s:f,s:f,s:f,s:f,s:f,s:s,s:b}}",
                                "start",
                                "protocol",
                                PROTOCOL,
                                "person",
                                (json_int_t)person->id,
                                "basal",
                                basal,
                                "isf_mg_dL_U",
                                person->isf_mg_dL_U,
                                "cr_g_U",
                                person->cr_g_U,
                                "tdd_U",
                                person->tdd_U,
                                "target_mg_dL",
                                person->target_mg_dL,
                                "weight_kg",
                                person->weight_kg,
                                "age",
                                ages[person->age],
                                "has_glucagon",
                                (int)person->has_glucagon));
}

char *dg_plugin_write_step(const struct dg_controller_input *input)
{
    json_t *const glucose = input->glucose_mg_dL > 0
                                ? json_integer((json_int_t)input->glucose_mg_dL)
                                : json_null();
    json_t *const temp = input->temp_runs
                             ? json_pack("{s:I,s:I}",
                                         "mU_per_h",
                                         (json_int_t)input->temp_mU_per_h,
                                         "minutes",
                                         (json_int_t)input->temp_minutes)
                             : json_null();

    return write_line(json_pack("{s:{s:I,s:o,s:I,s:I,s:I,s:I,s:o,s:b,s:I,s:I}}",
                                "step",
                                "minute",
                                (json_int_t)input->minute,
                                "glucose_mg_dL",
                                glucose,
                                "carbs_g",
                                (json_int_t)input->carbs_g,
                                "basal_mU",
                                (json_int_t)input->basal_mU,
                                "bolus_mU",
                                (json_int_t)input->bolus_mU,
                                "glucagon_ug",
                                (json_int_t)input->glucagon_ug,
                                "temp",
                                temp,
                                "suspended",
                                (int)input->suspended,
                                "reservoir_mU",
                                (json_int_t)input->reservoir_mU,
                                "battery_percent",
                                (json_int_t)input->battery_percent));
}

static json_t *read_object(const char *line, size_t length, char *why)
{
    json_error_t error;
    json_t *const json =
        json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL) {
        (void)snprintf(why, DG_PLUGIN_FAULT_MAX, "not JSON: %.80s", error.text);
        return NULL;
    }
    if (!json_is_object(json)) {
        (void)snprintf(why, DG_PLUGIN_FAULT_MAX, "not a JSON object");
        json_decref(json);
        return NULL;
    }
    return json;
}

enum dg_status dg_plugin_read_ready(const char *line,
                                    size_t length,
                                    char why[DG_PLUGIN_FAULT_MAX])
{
    json_t *const json = read_object(line, length, why);

    if (json == NULL) {
        return DG_E_PEER;
    }

    const bool is_ready = json_object_size(json) == 1 &&
                          json_is_true(json_object_get(json, "ready"));

    json_decref(json);
    if (!is_ready) {
        (void)snprintf(why,
                       DG_PLUGIN_FAULT_MAX,
                       "answered \"start\" with something other than "
                       "{\"ready\":true}");
        return DG_E_PEER;
    }
    return DG_OK;
}

/* A number that an answer may carry. */
struct field {
    const char *key;
    uint32_t most;
    uint32_t *value;
};

static bool read_field(const struct field *field,
                       const json_t *value,
                       char *why)
{
    const json_int_t number =
        json_is_integer(value) ? json_integer_value(value) : (json_int_t)-1;

    if (number < 0 || number > (json_int_t)field->most) {
        (void)snprintf(why,
                       DG_PLUGIN_FAULT_MAX,
                       "\"%s\" must be a whole number, 0 to %u",
                       field->key,
                       (unsigned)field->most);
        return false;
    }
    *field->value = (uint32_t)number;
    return true;
}

/* Each key must be one of the fields: a misspelt one is no silent zero. */
static bool read_fields(json_t *object,
                        const struct field *fields,
                        size_t count,
                        char *why)
{
    const char *key = NULL;
    json_t *value = NULL;

    json_object_foreach(object, key, value)
    {
        size_t at = 0;

        while (at < count && strcmp(fields[at].key, key) != 0) {
            at++;
        }
        if (at == count) {
            (void)snprintf(
                why, DG_PLUGIN_FAULT_MAX, "unknown key \"%.40s\"", key);
            return false;
        }
        if (!read_field(&fields[at], value, why)) {
            return false;
        }
    }
    return true;
}

static bool read_temp(json_t *temp,
                      struct dg_controller_output *output,
                      char *why)
{
    const struct field fields[] = {
        {"mU_per_h", DG_CONTROLLER_TEMP_MU_PER_H_MAX, &output->temp_mU_per_h},
        {"minutes", DG_CONTROLLER_TEMP_MIN_MAX, &output->temp_minutes},
    };

    if (!json_is_object(temp) || json_object_size(temp) != 2) {
        (void)snprintf(why,
                       DG_PLUGIN_FAULT_MAX,
                       "\"temp\" must be null or have \"mU_per_h\" and "
                       "\"minutes\"");
        return false;
    }
    output->temp_set = true;
    return read_fields(temp, fields, 2, why);
}

enum dg_status dg_plugin_read_answer(const char *line,
                                     size_t length,
                                     struct dg_controller_output *output,
                                     char why[DG_PLUGIN_FAULT_MAX])
{
    struct dg_controller_output read = {.temp_set = false};
    const struct field fields[] = {
        {"bolus_mU", DG_CONTROLLER_BOLUS_MU_MAX, &read.bolus_mU},
        {"meal_bolus_mU", DG_CONTROLLER_BOLUS_MU_MAX, &read.meal_bolus_mU},
        {"glucagon_ug", DG_CONTROLLER_GLUCAGON_UG_MAX, &read.glucagon_ug},
    };
    json_t *const json = read_object(line, length, why);

    *output = (struct dg_controller_output){.temp_set = false};
    if (json == NULL) {
        return DG_E_PEER;
    }

    json_t *const temp = json_object_get(json, "temp");
    bool is_sound =
        temp == NULL || json_is_null(temp) || read_temp(temp, &read, why);

    (void)json_object_del(json, "temp");
    is_sound = is_sound && read_fields(json, fields, 3, why);
    json_decref(json);
    if (!is_sound) {
        return DG_E_PEER;
    }
    *output = read;
    return DG_OK;
}
