#pragma once

#include "core/sources/config_reader.h"

#include <map>
#include <string>
#include <string_view>

namespace weighbridge {

/// What the names of an expression mean.
struct ExpressionScope
{
    ConfigReader* config = nullptr;                   ///< the object whose keys they are
    std::map<std::string, double, std::less<>> names; ///< worked out before; they go before keys
    std::map<std::string, ConfigReader*, std::less<>>
        prefixes; ///< "outer" in "outer.vocab_size": keys of other objects
};

/// The value of an expression over a config's keys, as the rows of towers state their sizes:
///   numbers, keys, + - * /, which is exact, == != < <= > >=, 1 or 0, and parentheses;
///   linear(a, b) = a·b; biased(a, b) = a·b + b; norm(a) = 2·a; block(h, i): a layer of a vision transformer, four
///   projections, two matrices and two LayerNorms with biases; floor(a); max(a, b); min(a, b);
///   if(c, a, b), of which only the chosen one is looked at; or(key, a): a where the key is null or missing;
///   is(key, 'text'), count(key, 'text') in a list of texts;
///   len(key), sum(key), item(key, i), below(key, n), how many are less than n, of a list of whole numbers; one number
///   is a list that repeats it.
/// A flag counts 1 or 0. A missing key, and a value that is no number from 0 to 2^53, is an error in the config's log.
/// A syntax error, which only a row of the program's own tables can have, is one too.
double evaluate(std::string_view expression, ExpressionScope& scope);

} // namespace weighbridge
