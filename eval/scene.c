/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/record.h"
#include "patient/people.h"

#define LOOK_S 60U

static const struct dg_said nothing = {.result = "none"};

static void set_trouble(struct dg_scene *scene, const char *what)
{
    if (scene->trouble[0] == '\0') {
        (void)snprintf(scene->trouble, sizeof scene->trouble, "%s", what);
    }
}

json_t *dg_scene_ask(struct dg_scene *scene, json_t *request)
{
    if (scene->trouble[0] != '\0') {
        json_decref(request);
        return NULL;
    }

    struct dg_pump pump = dg_relay_pump(&scene->relay);
    json_t *answer = dg_contract_ask(
        &scene->contract, request, scene->has_relay ? &pump : NULL);

    if (answer == NULL) {
        set_trouble(scene, scene->contract.why);
        return NULL;
    }
    if (!json_is_true(json_object_get(answer, "ok"))) {
        const char *why = json_string_value(json_object_get(answer, "error"));

        set_trouble(scene, (why == NULL) ? "the adapter refused" : why);
        json_decref(answer);
        return NULL;
    }
    return answer;
}

/* Ask for something whose answer carries nothing. */
static void order(struct dg_scene *scene, json_t *request)
{
    json_decref(dg_scene_ask(scene, request));
}

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void read_caps(const json_t *caps,
                      const char *tier,
                      struct dg_scene_caps *to)
{
    const json_t *own = json_object_get(caps, tier);

    to->dose_mU = number(own, "dose_mU");
    to->window_mU[0] = number(own, "5min_mU");
    to->window_mU[1] = number(own, "1h_mU");
    to->window_mU[2] = number(own, "4h_mU");
    to->window_mU[3] = number(own, "24h_mU");
}

static void note_moved(struct dg_scene *scene, const json_t *answer)
{
    if ((answer != NULL) && (scene->deliveries > 0U) &&
        (number(answer, "mU") <
         scene->delivery[scene->deliveries - 1U].total_mU)) {
        set_trouble(scene,
                    "the adapter's count of what the mechanism moved since "
                    "manufacture fell");
        return;
    }
    if ((answer != NULL) && (scene->deliveries < DG_SCENE_DELIVERIES_MAX)) {
        scene->delivery[scene->deliveries++] =
            (struct dg_scene_delivery){scene->now_s, number(answer, "mU")};
    }
}

static void look(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "delivered", "unit", "x"));

    note_moved(scene, answer);
    json_decref(answer);
}

/* A product may not set its own pass mark: what it declares is held against
 * the profile, for the person whom the bench knows. */
static void check_declared(struct dg_scene *scene,
                           const char *tier,
                           const struct dg_scene_caps *caps,
                           const int64_t permille[DG_PROFILE_CAPS],
                           double daily_U)
{
    const int64_t declared[DG_PROFILE_CAPS] = {caps->dose_mU,
                                               caps->window_mU[0],
                                               caps->window_mU[1],
                                               caps->window_mU[2],
                                               caps->window_mU[3]};

    for (size_t i = 0U; i < DG_PROFILE_CAPS; i++) {
        const int64_t most = (int64_t)(daily_U * (double)permille[i]);

        if (declared[i] > most + scene->pulse_mU) {
            dg_scene_fail(scene,
                          "The product declares %lld mU as a cap (%s, number "
                          "%zu); the profile allows %lld mU for this person.",
                          (long long)declared[i],
                          tier,
                          i + 1U,
                          (long long)most);
            return;
        }
    }
}

static void check_caps(struct dg_scene *scene, const char *person)
{
    const struct dg_ceilings *ceilings = scene->profile->ceilings;
    const struct dg_published_person *known = NULL;
    char name[32];

    /* A profile of a product that does not dose has none. */
    if (ceilings == NULL) {
        return;
    }
    (void)snprintf(name, sizeof name, "%s#001", person);
    if (dg_people_find(name, &known) != DG_OK) {
        set_trouble(scene, "the bench does not know this person");
        return;
    }
    check_declared(scene,
                   "automatic",
                   &scene->automatic,
                   ceilings->automatic_permille,
                   known->parameters.daily_U);
    check_declared(scene,
                   "total",
                   &scene->total,
                   ceilings->total_permille,
                   known->parameters.daily_U);
}

/* The label shows what the product declared for an adult when the run began;
 * a test is held to nothing else. */
static void check_same(struct dg_scene *scene,
                       const char *person,
                       const json_t *answer)
{
    const char *key =
        ((scene->declared == NULL) || (strcmp(person, "adult") != 0))
            ? NULL
            : dg_contract_differs("start", scene->declared, answer);

    if (key != NULL) {
        char text[160];

        (void)snprintf(text,
                       sizeof text,
                       "the adapter's \"start\" declares another \"%s\" than "
                       "when the run began",
                       key);
        set_trouble(scene, text);
    }
}

static void start(struct dg_scene *scene, const char *person, int hormones)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:i}",
                                            "op",
                                            "start",
                                            "unit",
                                            "x",
                                            "person",
                                            person,
                                            "hormones",
                                            hormones));
    const char *link = json_string_value(json_object_get(answer, "link"));
    const json_t *caps = json_object_get(answer, "caps");

    if (answer == NULL) {
        return;
    }
    scene->basal_mU_per_h = number(answer, "basal_mU_per_h");
    scene->pulse_mU = number(answer, "pulse_mU");
    scene->ticket_s = number(answer, "ticket_s");
    scene->isf = number(answer, "isf");
    scene->pairing_tries = number(json_object_get(answer, "pairing"), "tries");
    scene->pairing_lock_s =
        number(json_object_get(answer, "pairing"), "lock_s");
    scene->interval_s = number(answer, "interval_s");
    check_same(scene, person, answer);
    read_caps(caps, "automatic", &scene->automatic);
    read_caps(caps, "confirmed", &scene->confirmed);
    read_caps(caps, "total", &scene->total);
    check_caps(scene, person);
    if ((link == NULL) || (scene->pulse_mU <= 0) ||
        !dg_relay_open(&scene->relay, link)) {
        set_trouble(scene, "the adapter's start names no usable link");
    } else {
        scene->has_relay = true;
    }
    json_decref(answer);
    look(scene);
}

void dg_scene_start(struct dg_scene *scene, const char *person)
{
    start(scene, person, 1);
}

void dg_scene_start_two(struct dg_scene *scene, const char *person)
{
    start(scene, person, 2);
}

void dg_scene_start_other(struct dg_scene *scene, char address[64])
{
    json_t *answer = dg_scene_ask(
        scene,
        json_pack(
            "{s:s, s:s, s:s}", "op", "start", "unit", "y", "person", "adult"));
    const char *link = json_string_value(json_object_get(answer, "link"));

    (void)snprintf(address, 64U, "%s", (link == NULL) ? "" : link);
    json_decref(answer);
}

unsigned dg_scene_phone(struct dg_scene *scene,
                        const char *phone,
                        const char *kind)
{
    char address[32] = "";
    const int door =
        scene->has_relay ? dg_relay_add_door(&scene->relay, address) : -1;

    if (door < 0) {
        set_trouble(scene, "the relay could not open another door");
        return 0U;
    }
    order(scene,
          json_pack("{s:s, s:s, s:s, s:s}",
                    "op",
                    "phone_start",
                    "phone",
                    phone,
                    "kind",
                    kind,
                    "via",
                    address));
    return (unsigned)door;
}

void dg_scene_pair(struct dg_scene *scene, const char *phone, const char *role)
{
    order(scene,
          json_pack("{s:s, s:s, s:s, s:s, s:b}",
                    "op",
                    "pair",
                    "phone",
                    phone,
                    "unit",
                    "x",
                    "role",
                    role,
                    "presence",
                    1));
}

void dg_scene_advance(struct dg_scene *scene, uint32_t s)
{
    for (uint32_t left = s; (left > 0U) && (scene->trouble[0] == '\0');) {
        const uint32_t part = (left < LOOK_S) ? left : LOOK_S;

        json_t *answer = dg_scene_ask(scene,
                                      json_pack("{s:s, s:s, s:i}",
                                                "op",
                                                "advance",
                                                "unit",
                                                "x",
                                                "s",
                                                (int)part));

        scene->now_s += part;
        left -= part;
        note_moved(scene, answer);
        json_decref(answer);
    }
}

int64_t dg_scene_moved(struct dg_scene *scene)
{
    look(scene);
    return (scene->deliveries == 0U)
               ? 0
               : scene->delivery[scene->deliveries - 1U].total_mU;
}

static void unit_order(struct dg_scene *scene, const char *what)
{
    order(scene, json_pack("{s:s, s:s}", "op", what, "unit", "x"));
}

void dg_scene_power_cut(struct dg_scene *scene)
{
    unit_order(scene, "power_cut");
}

void dg_scene_power_on(struct dg_scene *scene)
{
    unit_order(scene, "power_on");
}

int64_t dg_scene_used_nAh(struct dg_scene *scene)
{
    json_t *answer = dg_scene_ask(
        scene, json_pack("{s:s, s:s}", "op", "battery", "unit", "x"));
    const int64_t used = number(answer, "used_nAh");

    json_decref(answer);
    return used;
}

void dg_scene_reading(struct dg_scene *scene, int mg_dL)
{
    order(scene,
          json_pack("{s:s, s:s, s:i}",
                    "op",
                    "place_reading",
                    "unit",
                    "x",
                    "mg_dL",
                    mg_dL));
}

/* Phones ------------------------------------------------------------------ */

static void copy_word(char to[16], const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    (void)snprintf(to, 16U, "%s", (text == NULL) ? "" : text);
}

struct dg_said dg_scene_phone_do(struct dg_scene *scene,
                                 const char *phone,
                                 json_t *what)
{
    struct dg_said said = nothing;

    json_object_set_new(what, "op", json_string("phone"));
    json_object_set_new(what, "phone", json_string(phone));

    json_t *answer = dg_scene_ask(scene, what);
    const json_t *status = json_object_get(answer, "status");

    if (answer != NULL) {
        copy_word(said.result, answer, "result");
        copy_word(said.reason, answer, "reason");
        copy_word(said.outcome, status, "outcome");
        said.headroom_mU = number(answer, "headroom_mU");
        said.resolved_mU = number(answer, "resolved_mU");
        said.delivered_mU = number(status, "delivered_mU");
        said.bolus_total_mU = number(status, "bolus_total_mU");
        said.basal_total_mU = number(status, "basal_total_mU");
        said.uncertain_mU = number(status, "uncertain_mU");
        said.automatic_mU = number(status, "headroom_automatic_mU");
        said.confirmed_mU = number(status, "headroom_confirmed_mU");
        said.iob_mU = number(status, "iob_mU");
        copy_word(said.asks, answer, "asks");
    }
    json_decref(answer);
    return said;
}

struct dg_said dg_scene_bolus(struct dg_scene *scene,
                              const char *phone,
                              int64_t mU)
{
    const struct dg_said said = dg_scene_phone_do(scene,
                                                  phone,
                                                  json_pack("{s:s, s:I, s:b}",
                                                            "do",
                                                            "bolus",
                                                            "mU",
                                                            (json_int_t)mU,
                                                            "approve",
                                                            1));

    /* The device wants its own button as well: the person is there. */
    if (strcmp(said.outcome, "waiting") == 0) {
        order(scene,
              json_pack("{s:s, s:s, s:s}",
                        "op",
                        "press",
                        "unit",
                        "x",
                        "button",
                        "confirm"));
    }
    return said;
}

struct dg_said dg_scene_say(struct dg_scene *scene,
                            const char *phone,
                            const char *what)
{
    return dg_scene_phone_do(scene, phone, json_pack("{s:s}", "do", what));
}

void dg_scene_settle(struct dg_scene *scene, const char *phone, int mg_dL)
{
    for (int i = 0; (i < DG_SCENE_READINGS) && !dg_scene_is_over(scene); i++) {
        if (i > 0) {
            dg_scene_advance(scene, DG_SCENE_READING_S);
        }
        /* A sensor that works does not stand still. */
        dg_scene_reading(scene, mg_dL - (i % 2));
        (void)dg_scene_say(scene, phone, "glucose");
    }
}

struct dg_said dg_scene_bare_bolus(struct dg_scene *scene,
                                   const char *phone,
                                   int64_t mU,
                                   const char *tier,
                                   const char *sign)
{
    return dg_scene_phone_do(scene,
                             phone,
                             json_pack("{s:s, s:I, s:s, s:s}",
                                       "do",
                                       "bolus",
                                       "mU",
                                       (json_int_t)mU,
                                       "tier",
                                       tier,
                                       "sign",
                                       sign));
}

void dg_scene_wait(struct dg_scene *scene, int ms)
{
    struct dg_pump pump = dg_relay_pump(&scene->relay);

    if (scene->has_relay) {
        dg_jsonl_pump(&pump, ms);
    }
}

struct dg_said dg_scene_status(struct dg_scene *scene, const char *phone)
{
    return dg_scene_phone_do(scene, phone, json_pack("{s:s}", "do", "status"));
}

bool dg_scene_is(const struct dg_said *said, const char *result)
{
    return strcmp(said->result, result) == 0;
}

/* Time in which the mechanism delivers a dose of this size, with room. */
static uint32_t delivery_s(const struct dg_scene *scene, int64_t mU)
{
    return (uint32_t)(mU / ((scene->pulse_mU > 0) ? scene->pulse_mU : 50)) *
               4U +
           30U;
}

bool dg_scene_control(struct dg_scene *scene, const char *phone, int64_t mU)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said said = dg_scene_bolus(scene, phone, mU);

    dg_scene_advance(scene, delivery_s(scene, mU));

    const int64_t got = dg_scene_moved(scene) - before;
    const int64_t basal =
        (scene->basal_mU_per_h * (int64_t)delivery_s(scene, mU)) / 3600;
    const bool is_obeyed = dg_scene_is(&said, "accepted") &&
                           (got >= mU - scene->pulse_mU) &&
                           (got <= mU + basal + scene->pulse_mU);

    if (scene->trouble[0] != '\0') {
        return false;
    }
    if (!is_obeyed) {
        dg_scene_inconclusive(
            scene,
            "The valid control was not obeyed: %lld mU asked for, answer "
            "\"%s\" (%s), %lld mU moved.",
            (long long)mU,
            said.result,
            said.reason,
            (long long)got);
        return false;
    }
    dg_scene_see(scene,
                 "Valid control: %lld mU asked for and approved, %lld mU "
                 "moved with basal.",
                 (long long)mU,
                 (long long)got);
    return true;
}

/* Findings ---------------------------------------------------------------- */

static const char *format_text(char room[768], const char *format, va_list list)
{
    (void)vsnprintf(room, 768U, format, list);
    return room;
}

void dg_scene_try(struct dg_scene *scene, const char *text)
{
    scene->test->tried = dg_record_text(scene->run, text);
}

bool dg_scene_is_over(const struct dg_scene *scene)
{
    return (scene->trouble[0] != '\0') || scene->is_inconclusive;
}

void dg_scene_see(struct dg_scene *scene, const char *format, ...)
{
    char room[768];
    va_list list;

    va_start(list, format);
    dg_record_line(
        scene->run, &scene->test->seen, format_text(room, format, list));
    va_end(list);
}

void dg_scene_fail(struct dg_scene *scene, const char *format, ...)
{
    char room[768];
    va_list list;

    va_start(list, format);
    dg_record_line(
        scene->run, &scene->test->seen, format_text(room, format, list));
    va_end(list);
    /* From here on the bench shows nothing, so it shows no failure either. */
    if (scene->trouble[0] != '\0') {
        return;
    }
    if (!scene->has_failed) {
        dg_record_reason(scene->run, scene->test, room);
    }
    scene->has_failed = true;
}

void dg_scene_inconclusive(struct dg_scene *scene, const char *format, ...)
{
    char room[768];
    va_list list;

    va_start(list, format);
    dg_record_line(
        scene->run, &scene->test->seen, format_text(room, format, list));
    va_end(list);
    if (!scene->is_inconclusive && !scene->has_failed) {
        dg_record_reason(scene->run, scene->test, room);
    }
    scene->is_inconclusive = true;
}

void dg_scene_measure(struct dg_scene *scene,
                      const char *name,
                      int64_t value,
                      unsigned decimals,
                      const char *unit)
{
    dg_record_measure(scene->run, scene->test, name, value, decimals, unit);
}

void dg_scene_packet(struct dg_scene *scene,
                     enum dg_run_direction direction,
                     const char *label,
                     dg_span bytes)
{
    dg_record_packet(scene->run,
                     scene->test,
                     (uint64_t)scene->now_s * 1000U,
                     direction,
                     label,
                     bytes);
}

int64_t dg_scene_number(struct dg_scene *scene, const char *name)
{
    int64_t value = 0;

    if (dg_catalogue_number(scene->entry, name, 0, 1000000000, &value) !=
        DG_OK) {
        set_trouble(scene, "a parameter is missing in the catalogue entry");
    }
    return value;
}
