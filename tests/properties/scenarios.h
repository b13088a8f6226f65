#pragma once

#include "tests/properties/ask.h"

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <random>
#include <string>
#include <vector>

namespace weighbridge::testing {

/// Chooses the same on every machine: the standard's distributions differ between libraries.
class Chance
{
public:
    explicit Chance(std::uint32_t seed) : numbers_(seed) {}

    bool in(std::uint32_t many) { return numbers_() % many == 0; } ///< once in so many times

    template<class T>
    const T& one_of(const std::vector<T>& values)
    {
        return values[numbers_() % values.size()];
    }

private:
    std::mt19937 numbers_;
};

/// Whose rules answer: an engine, or a task of training.
struct Owner
{
    std::string name; ///< as a scenario names it

    bool trains() const { return name == "fine_tune" || name == "train"; }
};

void PrintTo(const Owner& owner, std::ostream* out);
std::string owner_name(const Owner& owner); ///< as a test may be called

std::vector<Owner> every_owner();
std::vector<Owner> engines();
std::vector<Owner> trainers();

/// A random scenario of theirs: any preset, format, option and layout, also such as are refused.
json random_scenario(const Owner& owner, Chance& chance);

struct Asked
{
    json scenario;
    json report;
};

/// So many scenarios with an answer; the same for the same owner and seed.
std::vector<Asked> answered(const Owner& owner, std::size_t count, std::uint32_t seed);

} // namespace weighbridge::testing
