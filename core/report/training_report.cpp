#include "core/report/training_report.h"

#include "core/quantity/display.h"
#include "core/report/summary.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace weighbridge {

namespace {

std::string counted(std::int64_t number, const std::string& noun)
{
    return grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string method_text(const TrainingChoice& choice)
{
    if (choice.method == "full")
        return "every parameter";
    const std::string name = choice.method == "dora" ? "DoRA" : choice.method == "qlora" ? "QLoRA" : "LoRA";
    return choice.lora_fraction ? name + " on " + percent_text(*choice.lora_fraction) + " of the parameters"
                                : name + " rank " + grouped(choice.lora_rank);
}

std::string layout_text(const HardwareChoice& hardware)
{
    const std::array<std::pair<std::string_view, std::int64_t>, 5> parts = {{{"TP", hardware.tensor_parallel},
                                                                             {"PP", hardware.pipeline_parallel},
                                                                             {"CP", hardware.context_parallel},
                                                                             {"DP", hardware.data_parallel},
                                                                             {"EP", hardware.expert_parallel}}};
    std::string text;
    for (const auto& [name, ranks] : parts)
        if (ranks > 1)
            text += " " + std::string(name) + grouped(ranks);
    return text.empty() ? text : "," + text;
}

/// A label that does not begin the sentence.
std::string in_sentence(std::string_view label)
{
    std::string text(label);
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

/// "Logits and loss take 3.91 GiB of it: "; nothing where the peak has no such term.
std::string share_of_peak(const TrainingMemory& memory, std::string_view id, ByteUnit unit)
{
    const Term* term = find_term(memory.peak().terms, id);
    return term == nullptr ? "" : " of " + in_sentence(term->label) + ", " + in_unit(term->bytes, unit) + ",";
}

} // namespace

std::string training_line(const Estimate& estimate)
{
    const TrainingChoice& choice = *estimate.scenario.training();
    const Framework* framework = find_framework(choice.framework);
    const Optimizer* optimizer = find_optimizer(choice.optimizer);
    std::string line = counted(choice.sequence_length, "token") + " × " + counted(choice.micro_batch_size, "sequence") +
                       "; " + method_text(choice);
    if (choice.book_rules)
        return line + " by the book's rules; " + grouped(estimate.gpus) + " × " + estimate.accelerator.card_name();
    if (framework != nullptr && optimizer != nullptr)
        line += " with " + std::string(framework->label) + ", " + std::string(optimizer->label);
    line += "; recompute " + choice.recompute;
    return line + "; " + grouped(estimate.gpus) + " × " + estimate.accelerator.card_name() +
           layout_text(estimate.scenario.hardware);
}

std::string peak_phrase(const TrainingMemory& memory)
{
    return "peak at " + in_sentence(memory.peak().label);
}

std::string peak_line(const TrainingMemory& memory, ByteUnit unit)
{
    std::string phrase = peak_phrase(memory);
    phrase[0] = 'P';
    return phrase + ", " + in_unit(memory.allocated, unit) + " allocated, about " + in_unit(memory.reserved, unit) +
           " reserved: " + std::string(memory.peak().why);
}

std::string savings_line(const TrainingMemory& memory, const Savings& savings, ByteUnit unit)
{
    std::string line;
    std::vector<std::string_view> terms;
    for (const Saving& saving : savings.list)
        if (std::find(terms.begin(), terms.end(), saving.term) == terms.end())
            terms.push_back(saving.term);
    for (const std::string_view term : terms) {
        line += (line.empty() ? "What would lower it:" : ";") + share_of_peak(memory, term, unit);
        bool first = true;
        for (const Saving& saving : savings.list) {
            if (saving.term != term)
                continue;
            line += (first ? " " : ", ") + std::string(saving.label) + (first ? " would save " : " ") +
                    in_unit(saving.saved, unit);
            first = false;
        }
    }
    return line.empty() ? line : line + "; each alone";
}

TextRows moment_rows(const TrainingMemory& memory)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> columns = {{{"weights", "Weights"},
                                                                                       {"adapters", "Adapters"},
                                                                                       {"gradients", "Gradients"},
                                                                                       {"optimizer", "Optimizer"},
                                                                                       {"activations", "Activations"},
                                                                                       {"logits", "Logits"}}};
    TextRows rows;
    rows.headings = {"Moment, GiB"};
    for (const auto& [id, heading] : columns)
        rows.headings.emplace_back(heading);
    rows.headings.emplace_back("Total");
    for (const Moment& moment : memory.stage().moments) {
        std::vector<std::string> cells = {std::string(moment.label) + (&moment == &memory.peak() ? " (peak)" : "")};
        for (const auto& [id, heading] : columns) {
            const Term* term = find_term(moment.terms, id);
            cells.push_back(term == nullptr ? "" : gib_text(term->bytes));
        }
        cells.push_back(gib_text(moment.total));
        rows.cells.push_back(std::move(cells));
    }
    return rows;
}

TextRows stage_rows(const TrainingMemory& memory)
{
    TextRows rows;
    if (memory.stages.size() < 2)
        return rows;
    rows.headings = {"Stage", "Layers", "In flight", "Peak GiB"};
    rows.cells.reserve(memory.stages.size());
    for (const TrainingStage& stage : memory.stages)
        rows.cells.push_back({grouped(stage.stage) + ", " + std::string(stage.peak_moment().label) +
                                  (&stage == &memory.stage() ? " (fullest)" : ""),
                              grouped(stage.layers), decimal_text(stage.in_flight, 2),
                              gib_text(stage.peak_moment().total)});
    return rows;
}

} // namespace weighbridge
