#pragma once

#include "core/training/moment_terms.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A first-level term: the sum of its children.
Term sum_of_terms(std::string_view id, std::string_view label, std::vector<Term> children, Basis basis);
/// Gives a term and its parts a range, as shares of it.
void spread_term(Term& term, double below, double above);

/// Makes the first-level terms of one point of a step, each in the file that is named after it.
template<class Number>
class MomentBuilder
{
public:
    MomentBuilder(const StageState& stage, const StepPoint& point)
        : stage_(stage), in_(*stage.inputs), point_(point), moment_(point.moment), pass_(point.pass)
    {
    }

    std::vector<Term> terms();

private:
    bool in_pass() const { return moment_ == MomentKind::forward_end || in_backward(); }
    bool in_backward() const
    {
        return moment_ == MomentKind::backward_start || moment_ == MomentKind::backward ||
               moment_ == MomentKind::backward_end;
    }
    bool in_loss() const { return pass_ == MomentPass::loss_forward || pass_ == MomentPass::loss_backward; }
    std::size_t kind() const { return kind_of_layer(stage_.model->architecture, point_.layer); }
    /// Share of the stage's layers that have run and have not gone back.
    double share_here() const;
    /// Of the first `count` layers, the share whose tensors are kept rather than computed again.
    double kept_share(double count) const;
    Number tokens() const
    {
        Number tokens =
            named<Number>("b", in_.sequences) * named<Number>("s", static_cast<double>(in_.sequence_length));
        if (in_.hardware->context_parallel > 1)
            tokens = named<Number>("T", static_cast<double>(in_.tokens));
        return tokens;
    }
    Number hidden() const { return named<Number>("h", static_cast<double>(stage_.model->architecture.hidden_size)); }
    void child(std::vector<Term>& list, std::string_view id, std::string_view label, Number bytes,
               std::string_view source, Basis basis = Basis::derived) const
    {
        Term term = make_term(id, label, std::move(bytes), basis);
        term.source = source;
        if (term.bytes.count > 0)
            list.push_back(std::move(term));
    }

    Term weights() const;
    void gathered(std::vector<Term>& list) const;
    /// FSDP2 copies a unit's weights out of the flat buffer that they were gathered into. The buffer of the last unit,
    /// norm and head, is there until the backward pass begins; that of a layer is followed by the next one's.
    void own_units(std::vector<Term>& list) const;
    /// torch.autocast caches a 16-bit copy of every weight it casts until the forward pass is over; the graph keeps
    /// those of layers that are not computed again, and the head's. A layer that is computed again casts again.
    void cast_copies(std::vector<Term>& list) const;
    /// The head of a frozen network in fp32 is cast for the loss, and the graph keeps the copy; layers that are not
    /// computed again keep theirs.
    void frozen_copies(std::vector<Term>& list) const;
    /// An engine beside the trainer on the same device takes its share of the memory at once.
    Term colocated() const;
    Term adapters() const;

    Term gradient_term() const;
    /// Parameters that have a gradient by now: while a layer goes back, those before it and the embedding have none
    /// yet, unless it is the head as well or gradients are there all the time.
    std::vector<TrainedTensor> gone_back() const;
    /// The sum is made in place where the head's gradient is a tensor of its own rather than a view of a product: under
    /// a cast, or from a loss that makes it.
    double added_gradients() const;
    /// Elements of an embedding that is the head as well, trained and whole.
    double tied_gradient() const;
    /// Before a group's gradients are reduced they are whole. FSDP copies them into one buffer of the dtype that it
    /// reduces in; the buffer of the group before waits until the next one is done. Groups are layers, and embedding
    /// and head: of their own, or with the root, whose gradients wait for the end of the backward pass.
    void unsharded(std::vector<Term>& list) const;
    /// DeepSpeed's fp32 copies of the gradients it steps with, in sub-groups of 1e9 elements.
    void step_copies(std::vector<Term>& list) const;
    Term optimizer() const;

    Number per_layer(const SavedTensor& row) const;
    /// All rows of one layer, each a child.
    void rows(std::vector<Term>& list, const std::string& prefix, const std::vector<SavedTensor>& saved, double times,
              std::string_view times_symbol, std::string_view source) const;
    void checkpoints(std::vector<Term>& list, double layers) const;
    /// The norm before the head, and the head's input.
    void head(std::vector<Term>& list) const;
    Term activations() const;
    void of_all_layers(std::vector<Term>& list) const;
    /// The layer that goes back: what it keeps, computed again where it was not kept, and what its widest operation
    /// needs beside that. At its attention the feed-forward is done.
    void going_back(std::vector<Term>& list) const;
    /// What networks beside this one keep that go back in the same pass.
    void beside(std::vector<Term>& list) const;
    void dispatched(std::vector<Term>& list, std::size_t kind) const;
    /// A matrix is widened for its product, when the gradients of the gate are not there yet: what it takes beyond
    /// them.
    Number dequantized(std::size_t kind) const;
    /// Rows of a layer that is computed again: a norm that keeps its input as it is keeps the checkpoint.
    std::vector<SavedTensor> again(std::vector<SavedTensor> rows) const;
    /// generate() of transformers: a cache that grows by concatenation, one layer's twice, and a row of logits each.
    void generated(std::vector<Term>& list) const;
    Term logits() const;

    const StageState& stage_;
    const TrainingInputs& in_;
    StepPoint point_;
    MomentKind moment_;
    MomentPass pass_;
};

} // namespace weighbridge
