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
        return line + " by the book's rules; " + estimate.cards_name();
    if (framework != nullptr && optimizer != nullptr)
        line += " with " + std::string(framework->label) + ", " + std::string(optimizer->label);
    line += "; recompute " + choice.recompute;
    return line + "; " + estimate.cards_name() + layout_text(estimate.scenario.hardware);
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

Table moments_table(const TrainingMemory& memory)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> parts = {{{"weights", "Weights"},
                                                                                     {"adapters", "Adapters"},
                                                                                     {"gradients", "Gradients"},
                                                                                     {"optimizer", "Optimizer"},
                                                                                     {"activations", "Activations"},
                                                                                     {"logits", "Logits"}}};
    Table table{.id = "moments", .columns = {{"", "Moment, GiB", ColumnKind::text, For::people}}};
    for (const auto& [id, heading] : parts)
        table.columns.push_back({"", std::string(heading), ColumnKind::number, For::people});
    table.columns.push_back({"", "Total", ColumnKind::number, For::people});
    for (const Moment& moment : memory.stage().moments) {
        const bool peak = &moment == &memory.peak();
        Row row{{text_cell(std::string(moment.label) + (peak ? " (peak)" : ""))},
                0,
                peak ? Emphasis::strong : Emphasis::plain};
        for (const auto& [id, heading] : parts) {
            const Term* term = find_term(moment.terms, id);
            row.cells.push_back(term == nullptr ? Cell{} : count_cell(term->bytes.count, gib_text(term->bytes)));
        }
        row.cells.push_back(count_cell(moment.total.count, gib_text(moment.total)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table moment_terms_table(const TrainingMemory& memory)
{
    Table table{.id = "moment_terms",
                .columns = {{"stage", "", ColumnKind::number, For::programs},
                            {"layers", "", ColumnKind::number, For::programs},
                            {"micro_batches_in_flight", "", ColumnKind::number, For::programs},
                            {"moment", "", ColumnKind::text, For::programs},
                            {"id", "", ColumnKind::text, For::programs},
                            {"label", "", ColumnKind::text, For::programs},
                            {"bytes", "", ColumnKind::number, For::programs},
                            {"symbols", "", ColumnKind::code, For::programs},
                            {"numbers", "", ColumnKind::code, For::programs}}};
    for (const TrainingStage& stage : memory.stages)
        for (const Moment& moment : stage.moments) {
            const auto add = [&](std::string_view id, std::string_view label, Bytes bytes, const Formula& formula) {
                table.rows.push_back({{count_cell(stage.stage), count_cell(stage.layers), number_cell(stage.in_flight),
                                       text_cell(moment.id), text_cell(id), text_cell(label), count_cell(bytes.count),
                                       text_cell(formula.symbols), text_cell(formula.numbers)}});
            };
            for (const Term& term : moment.terms)
                add(term.id, term.label, term.bytes, term.formula);
            add("total", moment.label, moment.total, {});
        }
    return table;
}

Table stages_table(const TrainingMemory& memory)
{
    Table table{.id = "stages",
                .columns = {{"stage", "", ColumnKind::number, For::programs},
                            {"", "Stage", ColumnKind::text, For::people},
                            {"layers", "Layers", ColumnKind::number},
                            {"parameters", "", ColumnKind::number, For::programs},
                            {"micro_batches_in_flight", "In flight", ColumnKind::number},
                            {"peak_moment", "", ColumnKind::text, For::programs},
                            {"total_bytes", "", ColumnKind::number, For::programs},
                            {"allocated_bytes", "Peak GiB", ColumnKind::number}}};
    for (const Moment& moment : memory.stage().moments)
        table.columns.push_back({"moments." + std::string(moment.id), "", ColumnKind::number, For::programs});
    table.columns.push_back({"fullest", "", ColumnKind::number, For::programs});
    for (const TrainingStage& stage : memory.stages) {
        const Moment& peak = stage.peak_moment();
        const bool fullest = &stage == &memory.stage();
        Row row{{count_cell(stage.stage),
                 text_cell(grouped(stage.stage) + ", " + std::string(peak.label) + (fullest ? " (fullest)" : "")),
                 count_cell(stage.layers, grouped(stage.layers)), number_cell(stage.parameters),
                 real_cell(stage.in_flight, decimal_text(stage.in_flight, 2)), text_cell(peak.id),
                 count_cell(peak.total.count + memory.overhead.bytes.count),
                 count_cell(peak.total.count, gib_text(peak.total))},
                0,
                fullest ? Emphasis::strong : Emphasis::plain};
        for (const Moment& moment : stage.moments)
            row.cells.push_back(count_cell(moment.total.count));
        row.cells.push_back(flag_cell(fullest));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table peak_table(const TrainingMemory& memory)
{
    return {.id = "peak",
            .columns = {{"fullest_stage", "", ColumnKind::number, For::programs},
                        {"peak_moment", "", ColumnKind::text, For::programs},
                        {"allocated_bytes", "", ColumnKind::number, For::programs},
                        {"reserved_bytes", "", ColumnKind::number, For::programs},
                        {"trained_parameters", "", ColumnKind::number, For::programs},
                        {"flops_per_step", "", ColumnKind::number, For::programs}},
            .rows = {{{count_cell(memory.stage().stage), text_cell(memory.peak().id),
                       count_cell(memory.allocated.count), count_cell(memory.reserved.count),
                       number_cell(memory.trained_parameters), number_cell(memory.flops_per_step)}}}};
}

} // namespace weighbridge
