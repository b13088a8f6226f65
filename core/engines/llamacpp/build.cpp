#include "core/engines/llamacpp/build.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weighbridge {

LlamaCppBuild llama_cpp_build(std::string_view engine_version)
{
    using namespace std::string_view_literals;
    static constexpr std::array old_years = {"2023"sv, "2024"sv, "2025"sv};
    const auto names = [&](std::string_view word) { return engine_version.find(word) != std::string_view::npos; };
    LlamaCppBuild build;
    build.ik = names("ik_llama");
    build.old = std::any_of(old_years.begin(), old_years.end(), names);
    if (engine_version.size() > 1 && engine_version.front() == 'b')
        std::from_chars(engine_version.data() + 1, engine_version.data() + engine_version.size(), build.number);
    return build;
}

} // namespace weighbridge
