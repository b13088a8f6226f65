#pragma once

#include <cstdint>
#include <functional>

namespace weighbridge {

/// How far the reading of a model has come.
struct ReadProgress
{
    std::uint64_t bytes = 0; ///< read so far, of all files
    int files = 0;           ///< finished
    int of = 1;              ///< how many there are
};

/// Told before each piece is read. False: give up, which then is an error.
using ReadWatch = std::function<bool(const ReadProgress&)>;

} // namespace weighbridge
