// A subscription as text: how it connects, what it is told, and the mark by which the source knows whose it is.
// Layer: engine/postgres (3).  Thread rule: functions without state.
// Source: https://www.postgresql.org/docs/current/libpq-connect.html, https://www.postgresql.org/docs/current/sql-createsubscription.html
// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <flytt/engine/postgres/capabilities.hpp>
#include <flytt/engine/replication.hpp>

namespace flytt::engine::postgres {

/// key='value' with quotes and backslashes escaped.
std::string conninfo_part(std::string_view key, std::string_view value);

/// The name under which the subscription of this follower shows on the source: no two followers have the same.
std::string follower_mark(const value::ServerIdentity& follower);

/// How the follower connects. Empty `password` with no password file: the follower's host must have one.
std::string conninfo(const ChannelRequest& request, const value::ServerIdentity& follower, const std::string& password);

/// CREATE SUBSCRIPTION for a slot and publication that are there already; it starts disabled.
std::string create_subscription(const ChannelRequest& request, const std::string& conninfo, const std::string& slot, const std::string& publication,
                                const Capabilities& caps);

/// What the subscription's comment keeps: whom it is meant to reach, which the catalog does not say to everybody.
std::string subscription_note(const ChannelRequest& request);
struct SubscriptionNote {
  std::string address, source_uuid;
  std::uint64_t source_id = 0;
};
/// Empty when the text is none of ours.
SubscriptionNote parse_note(const std::string& text) noexcept;

}  // namespace flytt::engine::postgres
