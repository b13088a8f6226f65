#include "core/engines/transformers/release.h"

#include "core/quantity/text.h"

#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace weighbridge {

namespace {

/// "MAJOR.MINOR" at the start of the text.
std::optional<TransformersRelease> leading_release(std::string_view text)
{
    TransformersRelease release;
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, release.major);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.')
        return std::nullopt;
    const auto minor = std::from_chars(major.ptr + 1, end, release.minor);
    if (minor.ec != std::errc{})
        return std::nullopt;
    return release;
}

/// The release after a word: "4.46.0" after "transformers".
std::optional<TransformersRelease> release_after(std::string_view text, std::string_view word)
{
    const std::size_t start = text.find(word);
    if (start == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = text.substr(start + word.size());
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '=' || rest.front() == '-' || rest.front() == 'v'))
        rest.remove_prefix(1);
    return leading_release(rest);
}

struct TorchEra
{
    int torch_minor;
    TransformersRelease transformers;
};

/// The transformers release that was current in the middle of the life of torch 2.x (release dates on PyPI).
constexpr std::array<TorchEra, 9> eras = {{{0, {4, 31}},
                                           {1, {4, 36}},
                                           {2, {4, 38}},
                                           {3, {4, 41}},
                                           {4, {4, 44}},
                                           {5, {4, 47}},
                                           {6, {4, 50}},
                                           {7, {4, 53}},
                                           {8, {4, 56}}}};

} // namespace

TransformersRelease transformers_release(std::string_view engine_version)
{
    if (const auto named = release_after(engine_version, "transformers"))
        return *named;
    std::string_view start = engine_version;
    if (start.size() > 1 && start.front() == 'v' && is_digit(start[1]))
        start.remove_prefix(1);
    if (const auto bare = leading_release(start))
        return *bare;
    const auto torch = release_after(engine_version, "torch");
    if (torch && torch->major < 2)
        return eras.front().transformers;
    if (torch && torch->major == 2)
        for (const TorchEra& era : eras)
            if (era.torch_minor == torch->minor)
                return era.transformers;
    return {};
}

} // namespace weighbridge
