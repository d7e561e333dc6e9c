#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What a domain folder says to the store. The SQL stands beside the domain that owns the table; `store/` only runs it.
namespace crosspoint {

/// Text, JSON text and integers; no blobs.
using SqlValue = std::variant<std::nullptr_t, int64_t, std::string>;

/// One write. `sql` holds `:name` placeholders, bound to `values` in their order of appearance; it must have static
/// storage duration, since the statement travels to the store's thread and is the key of its prepared-statement cache.
struct Statement {
    std::string_view sql;
    std::vector<SqlValue> values;
};

/// One row of a query's answer, columns in the order of its SELECT.
struct Row {
    std::vector<SqlValue> columns;

    bool null(size_t column) const { return std::holds_alternative<std::nullptr_t>(columns.at(column)); }
    int64_t number(size_t column) const { return std::get<int64_t>(columns.at(column)); }
    const std::string& text(size_t column) const { return std::get<std::string>(columns.at(column)); }
    std::optional<std::string> optional_text(size_t column) const {
        if (null(column)) return std::nullopt;
        return text(column);
    }
};

/// One step of the schema. `version` counts from 1 over the whole schema; steps run in order, each in one transaction.
struct Migration {
    int version = 0;
    std::vector<std::string_view> statements;
};

}  // namespace crosspoint
