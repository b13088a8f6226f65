#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One row of a bundled file of measured runs. Reading never throws: what is missing, null or of another type is
/// nothing.
class Record
{
public:
    explicit Record(nlohmann::json row);

    std::optional<double> number(const char* key) const;
    std::optional<std::int64_t> whole(const char* key) const;
    std::optional<bool> flag(const char* key) const;
    /// Empty where there is none.
    std::string text(const char* key) const;
    /// The value itself; null where there is none.
    const nlohmann::json& value(const char* key) const;

private:
    std::shared_ptr<const nlohmann::json> row_; ///< shared: runs are copied, their facts are not
};

/// The rows of resources/measured/`file`, in its order; none where there is no such file.
std::vector<Record> measured_records(std::string_view file);

/// The whole of a bundled file that is one JSON value; null where there is none.
nlohmann::json measured_file(std::string_view file);

} // namespace weighbridge
