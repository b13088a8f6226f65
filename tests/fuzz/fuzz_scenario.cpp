// Any bytes as a scenario file: a scenario or a message; what was read is written and read back as the same.

#include "core/fields/scenario_json.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace weighbridge;
    const auto scenario = read_scenario_text({reinterpret_cast<const char*>(data), size});
    if (!scenario) {
        require(!scenario.error().message.empty());
        return 0;
    }
    const auto again = read_scenario(write_scenario(*scenario));
    require(static_cast<bool>(again));
    require(*again == *scenario);
    return 0;
}
