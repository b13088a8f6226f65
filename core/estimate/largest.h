#pragma once

#include <cstdint>

namespace weighbridge {

/// The last number that fits on the way from `good`, which does, to `bad`, which does not, whichever is the larger.
template<class Fits>
std::int64_t last_that_fits(std::int64_t good, std::int64_t bad, const Fits& fits)
{
    while (good - bad > 1 || bad - good > 1) {
        const std::int64_t middle = good + (bad - good) / 2;
        (fits(middle) ? good : bad) = middle;
    }
    return good;
}

/// The largest whole number up to `most` at which something fits, which is so up to some point and not from there on; 0
/// where it never is. `try_at` of a number gives what has fits() and free_bytes(). A whole plan or step is worked out
/// at each number looked at, so the first looks are where a line through those before leads: what is left falls nearly
/// in one. The rest is bisection.
template<class TryAt>
class Largest
{
public:
    Largest(std::int64_t most, const TryAt& try_at) : bad_(most + 1), try_at_(try_at) {}

    std::int64_t from(std::int64_t typed)
    {
        look(typed);
        look(good_ > 0 ? 2 * typed : typed / 2);
        const double crossing = crossing_;
        constexpr double doubt = 1.0 / 512;
        look(crossing * (1 - doubt));
        look(crossing * (1 + doubt) + 1);
        look(crossing_);
        look(good_ + 1);
        while (bad_ - good_ > 1)
            look(good_ + (bad_ - good_) / 2);
        return good_;
    }

private:
    void look(double at)
    {
        if (at > 0 && at < static_cast<double>(bad_))
            look(static_cast<std::int64_t>(at));
    }

    void look(std::int64_t at)
    {
        if (at <= good_ || at >= bad_)
            return;
        const auto tried = try_at_(at);
        (tried.fits() ? good_ : bad_) = at;
        const double left = tried.free_bytes();
        const auto x = static_cast<double>(at);
        crossing_ = x - left * (x - last_at_) / (left - last_left_);
        last_at_ = x;
        last_left_ = left;
    }

    std::int64_t good_ = 0;
    std::int64_t bad_;
    const TryAt& try_at_;
    double crossing_ = 0; ///< of nothing with the line through the last two looks; may be no number
    double last_at_ = 0;
    double last_left_ = 0;
};

} // namespace weighbridge
