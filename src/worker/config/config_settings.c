/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of all settings; conf/worker.conf explains them. */

#include "worker/config/config_value.h"

#include "orders/keys.h"
#include "worker/config/config.h"


#define DAY_MS    86400000u
#define SETTING(name, kind, field, min, max, value)                           \
    { BASE_STR_INIT(name), &worker_value_##kind,                              \
      offsetof(worker_config_t, field), min, max, value }

/* name, kind, field, least, most, default */
const worker_setting_t  worker_settings[] = {
    SETTING("redis", string, redis_text, 0, 0, "redis://127.0.0.1:6379"),
    SETTING("redis_timeout", time, redis_timeout_ms, 10, 600000, "2s"),
    SETTING("prefix", string, prefix, 0, 0, ORDERS_PREFIX_DEFAULT),
    SETTING("partition", number, partition, 0, 65535, "0"),
    SETTING("name", name, name, 0, 0, ""),
    SETTING("max_executions", number, max_executions, 1, 65536, "256"),
    SETTING("workflow", path, workflow, 0, 0, ""),
    SETTING("lease", time, lease_ms, 200, DAY_MS, "10s"),
    SETTING("max_deliveries", number, max_deliveries, 1, 1000, "5"),
    SETTING("park_after", time, park_after_ms, 0, 3600000, "500ms"),
    SETTING("drain_timeout", time, drain_timeout_ms, 0, 3600000, "20s"),
    SETTING("retention", period, retention_s, 0, 3650 * 86400u, "0s"),
    SETTING("callback_timeout", period, callback_timeout_s, 1, 365 * 86400u,
            "1d"),
    SETTING("steps", toggle, steps, 0, 0, "off"),
    SETTING("log_level", log_level, log_level, 0, 0, "notice"),

    SETTING("payment", string, payment, 0, 0, "simulate"),
    SETTING("simulate_refuse", share, simulate_refuse, 0, 0, "10%"),
    SETTING("simulate_unavailable", share, simulate_unavailable, 0, 0, "0%"),
    SETTING("simulate_latency", times, simulate_latency_ms, 0, 3600000,
            "20ms 80ms"),
    SETTING("simulate_seed", number, simulate_seed, 0, UINT32_MAX, "0"),
    SETTING("simulate_journal", path, simulate_journal, 0, 0, ""),
    SETTING("payment_url", string, payment_url, 0, 0, ""),
    SETTING("payment_refund_url", string, payment_refund_url, 0, 0, ""),
    SETTING("payment_header", headers, payment_headers, 0, 0, NULL),
    SETTING("payment_timeout", time, payment_timeout_ms, 10, DAY_MS, "10s"),
    SETTING("payment_connect_timeout", time, payment_connect_timeout_ms, 10,
            DAY_MS, "3s"),
    SETTING("payment_status", string, payment_status, 0, 0, "/status"),
    SETTING("payment_reason", string, payment_reason, 0, 0, "/reason"),
    SETTING("payment_transaction", string, payment_transaction, 0, 0,
            "/transactionId"),
    SETTING("payment_paid", string, payment_paid, 0, 0,
            "SUCCESS SUCCEEDED PAID APPROVED CAPTURED"),
    SETTING("payment_refused", string, payment_refused, 0, 0,
            "DECLINED REFUSED REJECTED FAILED CANCELED"),
    SETTING("payment_refunded", string, payment_refunded, 0, 0,
            "REFUNDED SUCCESS SUCCEEDED"),
    SETTING("payment_refused_codes", string, payment_refused_codes, 0, 0,
            "402 422"),
    SETTING("payment_busy_codes", string, payment_busy_codes, 0, 0,
            "429 503"),
    SETTING("payment_ca_file", file, payment_ca_file, 0, 0, ""),
    SETTING("payment_certificate", file, payment_certificate, 0, 0, ""),
    SETTING("payment_certificate_key", file, payment_certificate_key, 0, 0,
            ""),

    SETTING("http_ca_file", file, http_ca_file, 0, 0, ""),
    SETTING("http_connections", number, http_connections, 1, 65536, "1024"),
    SETTING("http_connect_timeout", time, http_connect_timeout_ms, 10, DAY_MS,
            "3s"),
    SETTING("connection", connections, connections, 0, 0, NULL),
    SETTING("function", map, functions, 0, 0, NULL),
    SETTING("topic", map, topics, 0, 0, NULL),
    SETTING("list", map, lists, 0, 0, NULL),
    SETTING("commands_max", number, commands_max, 1, 4096, "16"),
    SETTING("command_folder", path, command_folder, 0, 0, ""),
    SETTING("command_env", words, command_env, 0, 0, NULL),
};

const size_t  worker_setting_count =
    sizeof(worker_settings) / sizeof(worker_settings[0]);
