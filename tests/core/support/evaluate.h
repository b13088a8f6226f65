#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge::testing {

/// Works out the numbers line of a formula ("2 × 80 × (8 + 1) × 32,768 / 4") independently of the code that wrote it:
/// numbers with or without thousands separators, + - * /, the signs people read for them (× · − ÷), parentheses, a
/// leading minus. Nothing for anything else, so that a test also notices units, names and function calls.
class Evaluator
{
public:
    static std::optional<double> evaluate(std::string_view text)
    {
        Evaluator evaluator(plain(text));
        const auto value = evaluator.sum();
        evaluator.skip_spaces();
        if (!evaluator.rest_.empty())
            return std::nullopt;
        return value;
    }

private:
    explicit Evaluator(std::string text) : text_(std::move(text)), rest_(text_) {}

    /// With plain signs and without separators.
    static std::string plain(std::string_view text)
    {
        struct Sign
        {
            std::string_view shown;
            std::string_view plain;
        };
        static constexpr Sign signs[] = {{"×", "*"}, {"·", "*"}, {"−", "-"}, {"÷", "/"}, {",", ""}};
        std::string result;
        while (!text.empty()) {
            const Sign* found = nullptr;
            for (const Sign& sign : signs)
                if (text.starts_with(sign.shown))
                    found = &sign;
            result += found != nullptr ? found->plain : text.substr(0, 1);
            text.remove_prefix(found != nullptr ? found->shown.size() : 1);
        }
        return result;
    }

    std::optional<double> sum()
    {
        auto value = product();
        while (value) {
            if (take('+'))
                value = combined(value, product(), [](double a, double b) { return a + b; });
            else if (take('-'))
                value = combined(value, product(), [](double a, double b) { return a - b; });
            else
                break;
        }
        return value;
    }

    std::optional<double> product()
    {
        auto value = factor();
        while (value) {
            if (take('*'))
                value = combined(value, factor(), [](double a, double b) { return a * b; });
            else if (take('/'))
                value = combined(value, factor(), [](double a, double b) { return a / b; });
            else
                break;
        }
        return value;
    }

    std::optional<double> factor()
    {
        if (take('-'))
            return combined(0.0, factor(), [](double a, double b) { return a - b; });
        if (!take('('))
            return number();
        const auto value = sum();
        return take(')') ? value : std::nullopt;
    }

    std::optional<double> number()
    {
        skip_spaces();
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9')
            return std::nullopt;
        double value = 0;
        const auto [end, status] =
            std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, std::chars_format::fixed);
        if (status != std::errc{})
            return std::nullopt;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    template<class Operation>
    static std::optional<double> combined(std::optional<double> a, std::optional<double> b, Operation operation)
    {
        if (!a || !b)
            return std::nullopt;
        return operation(*a, *b);
    }

    bool take(char sign)
    {
        skip_spaces();
        if (!rest_.starts_with(sign))
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_spaces()
    {
        while (rest_.starts_with(' '))
            rest_.remove_prefix(1);
    }

    std::string text_;
    std::string_view rest_;
};

inline std::optional<double> evaluate(std::string_view text)
{
    return Evaluator::evaluate(text);
}

} // namespace weighbridge::testing
