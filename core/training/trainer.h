#pragma once

#include <span>
#include <string_view>

namespace weighbridge {

/// Whose logits a trainer's loss needs.
enum class LogitsOf
{
    all,        ///< every token
    completion, ///< those of the completion alone
    none,       ///< a score or a vector per sequence in place of the head
};

/// What is trained for: a row of the table of trainers.
struct Trainer
{
    std::string_view id; ///< "dpo"
    std::string_view label;
    double sequences = 1; ///< of one unit of the micro batch: a pair is two
    LogitsOf logits = LogitsOf::all;
    bool reference = false;     ///< a frozen network is compared with, unless beta or adapters make it needless
    double beta = 0.1;          ///< where nobody chose; 0 needs no reference
    bool generates = false;     ///< completions are made during training
    bool critic = false;        ///< a network that learns values is trained beside it
    bool teacher = false;       ///< a frozen network's logits are learned from
    std::string_view loss = {}; ///< in place of the framework's
    std::string_view source;
};

std::span<const Trainer> trainers();
const Trainer* find_trainer(std::string_view id);

} // namespace weighbridge
