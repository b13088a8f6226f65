#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace weighbridge {

/// The decision flowchart of the book appendix, B.12, as data: its own simple rules, in its own decimal gigabytes.
inline constexpr std::string_view book_steps_source = "book appendix, B.12";

/// What the appendix adds for everything else, as shares of what was counted (step 5).
struct BookOverhead
{
    double least = 0;
    double most = 0;
};

/// 15 % for inference, 20 to 30 % for training.
BookOverhead book_overhead(bool trains);

/// The hardware it names for an amount of memory (step 6).
struct BookTier
{
    double below_gb = 0; ///< decimal gigabytes, exclusive; infinite for the last
    std::string_view hardware;
    std::array<std::string_view, 2> accelerators; ///< those it names, as the catalogue calls them; empty: none
};

std::span<const BookTier> book_tiers();
/// The tier of that many bytes; of none or less the first.
const BookTier& book_tier(double bytes);

/// What it says of storing weights in fewer bits (step 7).
struct BookQuantization
{
    std::string_view format;    ///< as precision.weights spells it
    std::string_view advice;    ///< in a sentence
    std::string_view for_small; ///< what it says of models up to small_model parameters instead; empty: the same
    std::string_view for_large; ///< of models from large_model parameters on; empty: the same
};

/// "7-8B models" and "70B+ models", in parameters.
inline constexpr std::int64_t small_model = 8'500'000'000;
inline constexpr std::int64_t large_model = 70'000'000'000;

std::span<const BookQuantization> book_quantizations();
/// What it says of that format for a model of so many parameters; empty where it says nothing.
std::string_view book_advice(std::string_view format, std::int64_t parameters);

} // namespace weighbridge
