// How a logical type is handed to the C client, as a parameter or as a buffer to fetch into: the one table for both directions.
// Layer: engine/mysql_family (3).  SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include <flytt/value/type.hpp>

struct st_mysql_time;

namespace flytt::engine::mysql_family {

/// How a column's parameter is laid out.
enum class ParameterForm { number, temporal, bytes };

ParameterForm parameter_form(value::Type type) noexcept;
/// The client's number (enum_field_types) for a parameter of this type.
int parameter_type(value::Type type) noexcept;
bool parameter_unsigned(value::Type type) noexcept;
/// Fills the client's time structure from a temporal image.
void fill_time(value::Type type, std::string_view image, st_mysql_time& out) noexcept;

}  // namespace flytt::engine::mysql_family
