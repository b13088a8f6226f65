#pragma once

#include "core/accuracy/record.h"
#include "core/estimate/estimate.h"

#include <string>

namespace weighbridge {

/// A run that somebody measured, and the question that it answers.
struct MeasuredRun
{
    std::string id;      ///< "vllm-0001"
    std::string model;   ///< as the record names it
    std::string version; ///< of the engine, as the record names it; empty where it does not
    std::string setup;   ///< what else tells it from others: "H100 80GB · TP 2 · 8,192 tokens"
    std::string source;  ///< where its figures were read
    Record record;       ///< what was measured
    Question question;
};

/// The parts that say something, with " · " between them.
std::string joined_setup(std::initializer_list<std::string> parts);

} // namespace weighbridge
