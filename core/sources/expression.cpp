#include "core/sources/expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>
#include <vector>

namespace weighbridge {

namespace {

constexpr IntegerRange whole_numbers{0, std::int64_t{1} << 28};

/// Recursive descent; `live_` is false in the branch of an if() that is not taken, whose keys need not be there.
class Evaluator
{
public:
    Evaluator(std::string_view text, ExpressionScope& scope) : text_(text), scope_(scope) {}

    double whole()
    {
        const double value = comparison();
        skip_space();
        if (at_ != text_.size())
            broken();
        return value;
    }

private:
    double comparison()
    {
        const double left = sum();
        for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"}) {
            if (!take(sign))
                continue;
            const double right = sum();
            if (sign == "==" || sign == "!=")
                return (left == right) == (sign == "==") ? 1 : 0;
            if (sign.front() == '<')
                return left < right || (sign.size() == 2 && left == right) ? 1 : 0;
            return left > right || (sign.size() == 2 && left == right) ? 1 : 0;
        }
        return left;
    }

    double sum()
    {
        double value = product();
        while (true) {
            if (take("+"))
                value += product();
            else if (take("-"))
                value -= product();
            else
                return value;
        }
    }

    double product()
    {
        double value = operand();
        while (true) {
            if (take("*")) {
                value *= operand();
            } else if (take("/")) {
                const double by = operand();
                value = by == 0 ? 0 : value / by;
            } else {
                return value;
            }
        }
    }

    double operand()
    {
        skip_space();
        if (take("(")) {
            const double value = comparison();
            expect(")");
            return value;
        }
        if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0)
            return number();
        const std::string_view word = name();
        if (word.empty()) {
            broken();
            return 0;
        }
        return take("(") ? function(word) : value_of(word);
    }

    double number()
    {
        double value = 0;
        const char* end = text_.data() + text_.size();
        const auto [next, problem] = std::from_chars(text_.data() + at_, end, value);
        if (problem != std::errc())
            broken();
        else
            at_ = static_cast<std::size_t>(next - text_.data());
        return value;
    }

    double function(std::string_view word)
    {
        if (word == "if")
            return choice();
        static constexpr std::array<std::string_view, 7> of_keys = {"or", "sum", "len", "item", "count", "below", "is"};
        if (std::find(of_keys.begin(), of_keys.end(), word) != of_keys.end())
            return of_key(word);
        std::vector<double> arguments = {comparison()};
        while (take(","))
            arguments.push_back(comparison());
        expect(")");
        const double a = arguments.front();
        const double b = arguments.back();
        if (word == "linear")
            return a * b;
        if (word == "biased")
            return a * b + b;
        if (word == "norm")
            return 2 * a;
        if (word == "block")
            return 4 * (a * a + a) + 2 * a * b + a + b + 4 * a;
        if (word == "floor")
            return std::floor(a);
        if (word == "max")
            return std::max(a, b);
        if (word == "min")
            return std::min(a, b);
        broken();
        return 0;
    }

    double choice()
    {
        const double condition = comparison();
        const bool outside = live_;
        expect(",");
        live_ = outside && condition != 0;
        const double yes = comparison();
        expect(",");
        live_ = outside && condition == 0;
        const double no = comparison();
        live_ = outside;
        expect(")");
        return condition != 0 ? yes : no;
    }

    /// Functions whose first argument is a key.
    double of_key(std::string_view word)
    {
        const std::string_view key = name();
        auto [reader, local] = owner(key);
        double value = 0;
        if (word == "or")
            value = or_else(key, *reader, local);
        else if (word == "is" || word == "count")
            value = of_texts(word, *reader, local);
        else
            value = of_list(word, *reader, local);
        expect(")");
        return value;
    }

    double or_else(std::string_view key, ConfigReader& reader, std::string_view local)
    {
        expect(",");
        const auto own = scope_.names.find(key);
        const bool known = own != scope_.names.end();
        const auto amount = known || !live_ ? std::nullopt : reader.amount(local);
        const bool outside = live_;
        live_ = outside && !known && !amount;
        const double otherwise = comparison();
        live_ = outside;
        return known ? own->second : amount.value_or(otherwise);
    }

    double of_texts(std::string_view word, ConfigReader& reader, std::string_view local)
    {
        expect(",");
        const std::string_view wanted = quoted();
        if (!live_)
            return 0;
        if (word == "is")
            return reader.text(local).value_or("") == wanted ? 1 : 0;
        const auto texts = reader.texts(local).value_or(std::vector<std::string>{});
        return static_cast<double>(std::count(texts.begin(), texts.end(), wanted));
    }

    /// One number counts as a list that repeats it.
    double of_list(std::string_view word, ConfigReader& reader, std::string_view local)
    {
        const double argument = take(",") ? comparison() : 0;
        if (!live_)
            return 0;
        if (word == "len")
            return static_cast<double>(reader.length(local));
        if (word == "item" && !reader.is_list(local))
            return value_in(reader, local);
        const auto list = reader.integers(local, whole_numbers).value_or(std::vector<std::int64_t>{});
        if (word == "below")
            return static_cast<double>(std::count_if(
                list.begin(), list.end(), [&](std::int64_t entry) { return static_cast<double>(entry) < argument; }));
        if (word == "item") {
            const auto index = static_cast<std::size_t>(std::max(0.0, argument));
            return index < list.size() ? static_cast<double>(list[index]) : missing(reader, local);
        }
        return static_cast<double>(std::accumulate(list.begin(), list.end(), std::int64_t{0}));
    }

    double value_of(std::string_view word)
    {
        if (!live_)
            return 0;
        if (const auto known = scope_.names.find(word); known != scope_.names.end())
            return known->second;
        auto [reader, key] = owner(word);
        return value_in(*reader, key);
    }

    double value_in(ConfigReader& reader, std::string_view key) const
    {
        const auto amount = reader.amount(key);
        return amount ? *amount : missing(reader, key);
    }

    double missing(ConfigReader& reader, std::string_view key) const
    {
        if (live_)
            reader.fail(key, "is missing; it must be a number");
        return 0;
    }

    /// The object that a name's prefix says, and the key in it.
    std::pair<ConfigReader*, std::string_view> owner(std::string_view word)
    {
        const std::size_t dot = word.find('.');
        if (dot != std::string_view::npos)
            if (const auto found = scope_.prefixes.find(word.substr(0, dot)); found != scope_.prefixes.end())
                return {found->second, word.substr(dot + 1)};
        return {scope_.config, word};
    }

    std::string_view name()
    {
        skip_space();
        const std::size_t begin = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' || text_[at_] == '.'))
            ++at_;
        return text_.substr(begin, at_ - begin);
    }

    std::string_view quoted()
    {
        if (!take("'"))
            broken();
        const std::size_t end = std::min(text_.find('\'', at_), text_.size());
        const std::string_view found = text_.substr(at_, end - at_);
        at_ = std::min(end + 1, text_.size());
        return found;
    }

    bool take(std::string_view sign)
    {
        skip_space();
        if (!text_.substr(at_).starts_with(sign))
            return false;
        at_ += sign.size();
        return true;
    }

    void expect(std::string_view sign)
    {
        if (!take(sign))
            broken();
    }

    void skip_space()
    {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }

    void broken()
    {
        scope_.config->fail("model_type", "has a row whose expression can't be read: " + std::string(text_));
        at_ = text_.size();
    }

    std::string_view text_;
    ExpressionScope& scope_;
    std::size_t at_ = 0;
    bool live_ = true;
};

} // namespace

double evaluate(std::string_view expression, ExpressionScope& scope)
{
    constexpr double most = 9007199254740992.0; // 2^53
    const double value = Evaluator(expression, scope).whole();
    if (std::isfinite(value) && value >= 0 && value <= most)
        return value;
    scope.config->fail("model_type", "has sizes that make more than 2^53 numbers, or less than none");
    return 0;
}

} // namespace weighbridge
