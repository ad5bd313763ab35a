// What differs between the products of the family beyond a capability: one implementation in mariadb/, one in mysql/.
// Layer: engine/mysql_family (3).  Thread rule: stateless, shared by all threads.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/mysql_family/replication_scope.hpp>

namespace flytt::engine::mysql_family {

class Variant {
 public:
  virtual ~Variant() = default;
  virtual std::string_view product() const noexcept = 0;
  virtual Capabilities capabilities(std::uint32_t version_number) const = 0;
  /// Fills identity.uuid and product-specific settings.
  virtual void identify(Connection& c, value::ServerIdentity& identity) const = 0;
  /// Where the binary log ends now, GTID included; unknown when the log is off.
  virtual value::Position log_end(Connection& c) const = 0;

  // Replication statements (replication*.cpp composes them).
  virtual std::string change_source(const ChannelRequest& request, std::string_view password_literal) const = 0;
  /// Statements that tell the target where the channel begins. Throws Error{Exit::refused} when it cannot begin there.
  virtual std::vector<std::string> set_start_position(Connection& c, const ChannelRequest& request) const = 0;
  /// Statements that limit a stopped channel; none for an unlimited one.
  virtual std::vector<std::string> channel_filters(std::string_view channel, const ScopeFilter& filter) const = 0;
  /// Statements that take every limit of ours from a stopped channel.
  virtual std::vector<std::string> clear_filters(std::string_view channel) const = 0;
  /// Lines of the configuration file that do the same as channel_filters() after a restart; empty when the server remembers.
  virtual std::string filter_configuration(std::string_view channel, const ScopeFilter& filter) const = 0;
  virtual std::string start_receiver(std::string_view channel) const = 0;
  virtual std::string start_channel(std::string_view channel) const = 0;
  virtual std::string stop_channel(std::string_view channel) const = 0;
  virtual std::vector<std::string> forget_channel(std::string_view channel) const = 0;
  virtual ChannelStatus channel_status(Connection& c, std::string_view channel) const = 0;
  /// Whether the history up to `position` is in; waits at most `within`, 0: not at all. Does not look at the channel's state.
  virtual bool wait_position(Connection& c, std::string_view channel, const value::Position& position,
                             std::chrono::milliseconds within) const = 0;
  /// A statement that makes an account, with a hash instead of the password where the server would log the text.
  virtual std::string create_account(const std::string& user, const std::string& from, const std::string& password) const = 0;
  /// Server ids and uuids of the replicas that are connected.
  virtual bool has_replica(Connection& c, const value::ServerIdentity& replica) const = 0;
  /// What this server wrote itself, beside what it follows.
  virtual std::string local_history(Connection& c) const = 0;
  /// Transactions of the target that the source does not know and that stand in the way of following it.
  virtual std::vector<Finding> stray_history(Connection& target, const value::ServerIdentity& source,
                                             const value::ServerIdentity& self) const = 0;
};

/// The variant that speaks to a server with this version text.
const Variant& variant_for(std::string_view version_text, std::string_view version_comment);

}  // namespace flytt::engine::mysql_family
