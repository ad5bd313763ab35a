// A publication and a logical slot whose snapshot a copy is taken at, so that a subscription goes on exactly where it ends.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine::postgres {

/// How the comments of publications begin that feed channels of ours: such a one is no part of a copy, and is remade where it was left
/// over without its slot.
inline constexpr std::string_view kPublicationMark = "flytt: ";

/// Removes what it made when it ends, unless keep() was called: a slot that nobody reads fills the source's disk.
class Slot {
 public:
  virtual ~Slot() = default;
  virtual const std::string& name() const noexcept = 0;
  /// The exported snapshot's name; valid until release_snapshot().
  virtual const std::string& snapshot() const noexcept = 0;
  /// Changes committed after this position are the slot's; what was before is in the snapshot.
  virtual const std::string& consistent_point() const noexcept = 0;
  /// Ends the session that exported the snapshot.
  virtual void release_snapshot() = 0;
  /// The slot is still there and has not been read or invalidated. Throws Error{Exit::unavailable}.
  virtual void prove() = 0;
  /// The copy is complete: both stay, for the subscription.
  virtual void keep() noexcept = 0;
};

/// What stands in the way of a publication and slot of this name for the scope, each with its remedy. Changes nothing.
std::vector<Finding> slot_findings(Connection& c, PgServer& server, const std::string& name, const value::Scope& scope);

/// First the findings, then a publication of exactly the tables in scope, then the slot: the other way round decoding stops
/// (15) or skips changes in silence (18).
/// Throws Error{Exit::refused} naming everything that stands in the way.
std::unique_ptr<Slot> make_slot(PgServer& server, const std::string& name, const value::Scope& scope);

}  // namespace flytt::engine::postgres
