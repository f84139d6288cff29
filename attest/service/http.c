/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "attest/service/pages.h"
#include "attest/service/text.h"

#define MINUTE_S     60
#define IDLE_S       10U
#define MEMORY_MAX   (32U * 1024U) /* for the head of a request */
#define ADDRESS_SIZE 48U
#define TRIALS_MAX   256U

/* One request on its way in. */
struct call {
    struct dg_http *http;
    int64_t began_ms;
    bool is_over;    /* larger or slower than it may be */
    unsigned refuse; /* HTTP status for that */
    size_t have;
    size_t room;
    char *body;
};

static int64_t clock_of(clockid_t which, int64_t per_s)
{
    struct timespec now = {0};

    (void)clock_gettime(which, &now);
    return ((int64_t)now.tv_sec * per_s) +
           ((int64_t)now.tv_nsec / (1000000000LL / per_s));
}

static int64_t now_s(void)
{
    return clock_of(CLOCK_REALTIME, 1);
}

static struct dg_page store_down(const struct dg_http *http)
{
    (void)fprintf(http->log, "store failed: %s\n", http->issuer.store->db.why);
    return dg_page_refusal(MHD_HTTP_SERVICE_UNAVAILABLE,
                           "service",
                           "the store does not answer",
                           "try again later");
}

/* Wanted only by the operator, so it names the version but no reason that a
 * stranger could use. */
static struct dg_page health(struct dg_http *http)
{
    const int64_t now = now_s();
    const bool has_store = dg_store_ping(http->issuer.store) == DG_OK;
    const bool has_policy = now < http->issuer.list->expires_s;
    const bool has_anchors = now < http->anchors_expire_s;
    const bool is_well = has_store && has_policy && has_anchors;

    return dg_page_json(is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
                        json_pack("{s:b, s:b, s:b, s:b, s:I}",
                                  "ok",
                                  is_well,
                                  "store",
                                  has_store,
                                  "policy",
                                  has_policy,
                                  "anchors",
                                  has_anchors,
                                  "policy_version",
                                  (json_int_t)http->issuer.list->version));
}

static struct dg_page metrics(struct dg_http *http)
{
    const int64_t now = now_s();
    const int64_t policy = http->issuer.list->expires_s - now;
    const int64_t anchors = http->anchors_expire_s - now;
    const struct dg_metrics_now about = {
        .policy_version = http->issuer.list->version,
        .policy_left_s = (policy > 0) ? policy : 0,
        .anchors_left_s = (http->anchors_expire_s == 0) ? -1
                          : (anchors > 0)               ? anchors
                                                        : 0,
        .up_s = (uint64_t)(now - http->started_s)};
    struct dg_page answer = {.code = MHD_HTTP_OK,
                             .type = "text/plain; version=0.0.4",
                             .text = malloc(DG_METRICS_TEXT_MAX)};

    if (answer.text != NULL) {
        answer.size = dg_metrics_write(&http->metrics, &about, answer.text);
    }
    return answer;
}

/* How far builds on trial are, and which were stopped. */
static struct dg_page trials(struct dg_http *http)
{
    struct dg_store *store = http->issuer.store;
    json_t *list = json_array();
    char build[DG_STORE_BUILD_MAX] = "";
    char after[DG_STORE_BUILD_MAX] = "";
    enum dg_status status = DG_OK;

    for (unsigned i = 0; (i < TRIALS_MAX) && (status == DG_OK); i++) {
        struct dg_store_trial trial;

        memcpy(after, build, sizeof(after));
        status = dg_store_trial_next(store, after, build);
        if (status == DG_OK) {
            status = dg_store_trial(store, build, &trial);
        }
        if (status == DG_OK) {
            (void)json_array_append_new(list,
                                        json_pack("{s:s, s:I, s:I, s:b}",
                                                  "build",
                                                  build,
                                                  "runs",
                                                  (json_int_t)trial.runs,
                                                  "failed",
                                                  (json_int_t)trial.failed,
                                                  "stopped",
                                                  trial.is_stopped));
        }
    }
    if (status == DG_E_PORT) {
        json_decref(list);
        return store_down(http);
    }
    return dg_page_json(MHD_HTTP_OK, json_pack("{s:o}", "trials", list));
}

/* tickets ------------------------------------------------------------------ */

static unsigned code_of(enum dg_issue_result result)
{
    static const unsigned codes[DG_ISSUE_RESULTS] = {
        [DG_ISSUE_NONE] = MHD_HTTP_INTERNAL_SERVER_ERROR,
        [DG_ISSUE_TICKET] = MHD_HTTP_OK,
        [DG_ISSUE_BAD_REQUEST] = MHD_HTTP_BAD_REQUEST,
        [DG_ISSUE_REJECTED] = MHD_HTTP_FORBIDDEN,
        [DG_ISSUE_UNSUPPORTED] = MHD_HTTP_UNPROCESSABLE_CONTENT,
        [DG_ISSUE_UNDECIDED] = MHD_HTTP_SERVICE_UNAVAILABLE,
        [DG_ISSUE_REPLAY] = MHD_HTTP_CONFLICT,
        [DG_ISSUE_TOO_MANY] = MHD_HTTP_TOO_MANY_REQUESTS,
        [DG_ISSUE_FAILED] = MHD_HTTP_SERVICE_UNAVAILABLE,
    };

    return codes[result];
}

/* One line for each judgement.  Without being asked nothing in it says who. */
static void log_issue(const struct dg_http *http, const struct dg_issue *issue)
{
    char subject[(2U * DG_HASH_SIZE) + 1U] = "-";

    if (http->tells_subjects) {
        dg_text_put_hex(DG_SPAN_OF(issue->subject.byte), subject);
    }
    (void)fprintf(http->log,
                  "%s subject=%s serial=%lu %s%s%s\n",
                  dg_issue_name(issue->result),
                  subject,
                  (unsigned long)issue->attestation.serial,
                  issue->problem.field,
                  (issue->problem.field[0] == '\0') ? "" : ": ",
                  issue->problem.problem);
    if (issue->result == DG_ISSUE_FAILED) {
        (void)fprintf(http->log, "store: %s\n", http->issuer.store->db.why);
    }
}

static void count_issue(struct dg_http *http,
                        const struct dg_ticket_request *request,
                        const struct dg_issue *issue)
{
    http->metrics.result[issue->result]++;
    for (size_t i = 0; i < request->evidences; i++) {
        http->metrics.kind[request->kind[i]]++;
    }
    if (issue->result == DG_ISSUE_TICKET) {
        http->metrics.level[issue->attestation.level]++;
    }
}

static struct dg_page ticket(struct dg_http *http, const struct call *call)
{
    /* 130 KB, and one at a time: there is one thread. */
    static struct dg_ticket_request request;
    struct dg_request_problem problem;
    struct dg_issue issue;
    const dg_span body = {(const uint8_t *)call->body, call->have};
    const int64_t began_us = clock_of(CLOCK_MONOTONIC, 1000000);

    if (dg_ticket_request_read(body, &request, &problem) != DG_OK) {
        http->metrics.refused_request++;
        return dg_page_refusal(MHD_HTTP_BAD_REQUEST,
                               problem.field,
                               problem.problem,
                               problem.remedy);
    }
    dg_issuer_run(&http->issuer, &request, now_s(), &issue);
    count_issue(http, &request, &issue);
    log_issue(http, &issue);
    http->metrics.judged_us +=
        (uint64_t)(clock_of(CLOCK_MONOTONIC, 1000000) - began_us);
    if (issue.result == DG_ISSUE_TICKET) {
        return dg_page_ticket(&issue);
    }

    struct dg_page answer = dg_page_refusal(code_of(issue.result),
                                            issue.problem.field,
                                            issue.problem.problem,
                                            issue.problem.remedy);

    if (issue.result == DG_ISSUE_TOO_MANY) {
        answer.retry_s = 3600U;
    }
    return answer;
}

/* routes ------------------------------------------------------------------- */

struct route {
    const char *method;
    const char *path;
    struct dg_page (*get)(struct dg_http *http);
    struct dg_page (*post)(struct dg_http *http, const struct call *call);
};

static const struct route routes[] = {
    {"POST", "/v1/tickets", NULL, ticket},
    {"GET", "/v1/trials", trials, NULL},
    {"GET", "/health", health, NULL},
    {"GET", "/metrics", metrics, NULL},
};

static const struct route *route_of(const char *method, const char *path)
{
    for (size_t i = 0; i < (sizeof(routes) / sizeof(routes[0])); i++) {
        if ((strcmp(method, routes[i].method) == 0) &&
            (strcmp(path, routes[i].path) == 0)) {
            return &routes[i];
        }
    }
    return NULL;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection,
                                   struct dg_page answer)
{
    if (answer.text == NULL) {
        return MHD_NO;
    }

    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer.size, answer.text, MHD_RESPMEM_MUST_FREE);

    if (response == NULL) {
        free(answer.text);
        return MHD_NO;
    }
    (void)MHD_add_response_header(
        response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
    (void)MHD_add_response_header(
        response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (answer.retry_s > 0U) {
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", answer.retry_s);
        (void)MHD_add_response_header(
            response, MHD_HTTP_HEADER_RETRY_AFTER, text);
    }

    const enum MHD_Result sent =
        MHD_queue_response(connection, answer.code, response);

    MHD_destroy_response(response);
    return sent;
}

/* who asks ----------------------------------------------------------------- */

/* The last address that the proxy wrote: those before it anybody can write. */
static bool forwarded(const char *header, char address[ADDRESS_SIZE])
{
    const char *comma = strrchr(header, ',');
    const char *text = (comma == NULL) ? header : comma + 1;
    struct in_addr four;
    struct in6_addr six;

    text += strspn(text, " ");
    if (strlen(text) >= ADDRESS_SIZE) {
        return false;
    }
    (void)snprintf(address, ADDRESS_SIZE, "%s", text);
    return (inet_pton(AF_INET, address, &four) == 1) ||
           (inet_pton(AF_INET6, address, &six) == 1);
}

static void address_of(const struct dg_http *http,
                       struct MHD_Connection *connection,
                       char address[ADDRESS_SIZE])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const char *header = MHD_lookup_connection_value(
        connection, MHD_HEADER_KIND, "X-Forwarded-For");
    struct sockaddr_in peer;

    (void)snprintf(address, ADDRESS_SIZE, "unknown");
    if ((info == NULL) || (info->client_addr == NULL) ||
        (info->client_addr->sa_family != AF_INET)) {
        return;
    }
    memcpy(&peer, info->client_addr, sizeof(peer));
    if ((http->limits.proxy.s_addr != 0U) &&
        (peer.sin_addr.s_addr == http->limits.proxy.s_addr) &&
        (header != NULL) && forwarded(header, address)) {
        return;
    }
    (void)inet_ntop(AF_INET, &peer.sin_addr, address, ADDRESS_SIZE);
}

/* In the store, so that all instances count one peer together. */
static unsigned check_rate(struct dg_http *http,
                           struct MHD_Connection *connection)
{
    char address[ADDRESS_SIZE];
    char bucket[ADDRESS_SIZE + 8U];
    int64_t count = 0;

    address_of(http, connection, address);
    (void)snprintf(bucket, sizeof(bucket), "peer %s", address);
    if (dg_store_count(http->issuer.store, bucket, now_s(), MINUTE_S, &count) !=
        DG_OK) {
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (count > (int64_t)http->limits.peer_per_min) {
        http->metrics.refused_rate++;
        return MHD_HTTP_TOO_MANY_REQUESTS;
    }
    return 0U;
}

/* one request -------------------------------------------------------------- */

static void take_body(struct call *call, const char *data, size_t size)
{
    if (call->is_over) {
        return;
    }
    if (size > DG_REQUEST_SIZE_MAX - call->have) {
        call->is_over = true;
        call->refuse = MHD_HTTP_CONTENT_TOO_LARGE;
        call->http->metrics.refused_size++;
        return;
    }
    if (call->have + size > call->room) {
        const size_t room = (call->have + size) * 2U;
        char *body = realloc(call->body, room);

        if (body == NULL) {
            call->is_over = true;
            call->refuse = MHD_HTTP_SERVICE_UNAVAILABLE;
            return;
        }
        call->body = body;
        call->room = room;
    }
    memcpy(&call->body[call->have], data, size);
    call->have += size;
}

static struct dg_page refuse_call(unsigned code)
{
    struct dg_page answer;

    switch (code) {
    case MHD_HTTP_TOO_MANY_REQUESTS:
        answer = dg_page_refusal(
            code, "request", "this address asks too often", "wait a minute");
        answer.retry_s = MINUTE_S;
        return answer;
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return dg_page_refusal(
            code,
            "request",
            "is too large",
            "send at most 176 KB: two pieces of evidence of 64 KB "
            "each in base64");
    case MHD_HTTP_REQUEST_TIMEOUT:
        return dg_page_refusal(
            code, "request", "took too long", "send it in one go");
    default:
        return dg_page_refusal(
            code, "service", "cannot take requests now", "try again later");
    }
}

static enum MHD_Result begin(struct dg_http *http,
                             struct MHD_Connection *connection,
                             void **context)
{
    struct call *call = calloc(1, sizeof(*call));

    (void)connection;
    if (call == NULL) {
        return MHD_NO;
    }
    call->http = http;
    call->began_ms = clock_of(CLOCK_MONOTONIC, 1000);
    *context = call;
    return MHD_YES;
}

/* The status before the body is looked at: 0, go on. */
static unsigned screen(struct dg_http *http,
                       struct MHD_Connection *connection,
                       struct call *call)
{
    const int64_t took_ms = clock_of(CLOCK_MONOTONIC, 1000) - call->began_ms;

    if (!call->is_over && (took_ms > 1000LL * http->limits.request_s)) {
        call->is_over = true;
        call->refuse = MHD_HTTP_REQUEST_TIMEOUT;
        http->metrics.refused_slow++;
    }
    return call->is_over ? call->refuse : check_rate(http, connection);
}

static enum MHD_Result handle(void *context,
                              struct MHD_Connection *connection,
                              const char *path,
                              const char *method,
                              const char *version,
                              const char *data,
                              size_t *size,
                              void **call_context)
{
    struct dg_http *http = context;
    struct call *call = *call_context;
    const struct route *route = route_of(method, path);

    (void)version;
    if (call == NULL) {
        return begin(http, connection, call_context);
    }
    if (*size > 0U) {
        take_body(call, data, *size);
        *size = 0;

        /* A body that drips in, byte by byte, is cut off here. */
        return (clock_of(CLOCK_MONOTONIC, 1000) - call->began_ms >
                2000LL * http->limits.request_s)
                   ? MHD_NO
                   : MHD_YES;
    }
    if (route == NULL) {
        return send_answer(
            connection,
            dg_page_refusal(MHD_HTTP_NOT_FOUND,
                            "path",
                            "there is nothing here by this method",
                            "POST /v1/tickets; GET /v1/trials, "
                            "/health, /metrics"));
    }
    if (route->get != NULL) {
        return send_answer(connection, route->get(http));
    }

    const unsigned refused = screen(http, connection, call);

    return send_answer(connection,
                       (refused != 0U) ? refuse_call(refused)
                                       : route->post(http, call));
}

static void completed(void *context,
                      struct MHD_Connection *connection,
                      void **call_context,
                      enum MHD_RequestTerminationCode why)
{
    struct call *call = *call_context;

    (void)context;
    (void)connection;
    (void)why;
    if (call != NULL) {
        free(call->body);
        free(call);
    }
    *call_context = NULL;
}

static void count_connection(void *context,
                             struct MHD_Connection *connection,
                             void **socket_context,
                             enum MHD_ConnectionNotificationCode code)
{
    struct dg_http *http = context;

    (void)connection;
    (void)socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        http->metrics.open++;
    } else {
        http->metrics.open--;
    }
}

/* life --------------------------------------------------------------------- */

enum dg_status dg_http_start(struct dg_http *http,
                             struct in_addr address,
                             uint16_t port,
                             uint16_t *bound,
                             char *why)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL,
                         port,
                         NULL,
                         NULL,
                         handle,
                         http,
                         MHD_OPTION_SOCK_ADDR,
                         (struct sockaddr *)&at,
                         MHD_OPTION_CONNECTION_TIMEOUT,
                         IDLE_S,
                         MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)http->limits.connections,
                         MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                         (unsigned)http->limits.per_address,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)MEMORY_MAX,
                         MHD_OPTION_NOTIFY_COMPLETED,
                         completed,
                         NULL,
                         MHD_OPTION_NOTIFY_CONNECTION,
                         count_connection,
                         http,
                         MHD_OPTION_END);

    if (daemon == NULL) {
        (void)snprintf(why,
                       160U,
                       "cannot listen on port %u: choose a free one with "
                       "--listen",
                       (unsigned)port);
        return DG_E_PORT;
    }

    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);

    *bound = (info == NULL) ? port : info->port;
    http->daemon = daemon;
    return DG_OK;
}

bool dg_http_step(struct dg_http *http, int32_t ms)
{
    return MHD_run_wait((struct MHD_Daemon *)http->daemon, ms) == MHD_YES;
}

void dg_http_stop(struct dg_http *http, int32_t ms)
{
    struct MHD_Daemon *daemon = http->daemon;
    const int64_t until = clock_of(CLOCK_MONOTONIC, 1000) + ms;
    const MHD_socket socket = MHD_quiesce_daemon(daemon);

    if (socket != MHD_INVALID_SOCKET) {
        (void)close(socket);
    }
    while ((http->metrics.open > 0U) &&
           (clock_of(CLOCK_MONOTONIC, 1000) < until) &&
           (MHD_run_wait(daemon, 50) == MHD_YES)) {
    }
    MHD_stop_daemon(daemon);
    http->daemon = NULL;
}
