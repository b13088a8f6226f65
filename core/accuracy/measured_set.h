#pragma once

#include "core/accuracy/figure.h"
#include "core/accuracy/measured_models.h"
#include "core/quantity/result.h"

#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The bundled runs of one engine: where they are, how a row becomes a question, and what is compared.
struct MeasuredSet
{
    std::string_view id;    ///< "vllm"
    std::string_view title; ///< "vLLM"
    std::string_view about; ///< what the runs are, one sentence
    std::string_view file;  ///< in resources/measured
    /// The error says why the run can't be asked about; its message is shown.
    Result<MeasuredRun> (*read)(const Record& record, MeasuredModels& models) = nullptr;
    std::span<const AccuracyFigure> figures;
    /// What is asked about, where that is not the file's rows one by one; null where it is.
    std::vector<Record> (*gather)(const std::vector<Record>& rows) = nullptr;

    std::vector<Record> records() const;
};

/// One row per engine and kind of run, in the order that the page shows them.
std::span<const MeasuredSet> measured_sets();

/// The set of that id, or nothing.
const MeasuredSet* find_measured_set(std::string_view id);

} // namespace weighbridge
