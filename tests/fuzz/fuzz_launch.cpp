// Any bytes as a launch command or a configuration file: a command or a message, and a scenario that can be written and
// read back.

#include "core/fields/scenario_json.h"
#include "core/launch/launch.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require_holds(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace weighbridge;
    const auto command = read_launch({reinterpret_cast<const char*>(data), size});
    if (!command) {
        require_holds(!command.error().message.empty());
        return 0;
    }
    launch_json(*command).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    require_holds(!launch_text(*command).empty());
    return 0;
}
