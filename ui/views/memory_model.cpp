#include "ui/views/memory_model.h"

#include "core/memory/weights.h"
#include "core/quantity/display.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/verdict_text.h"

#include <algorithm>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

constexpr const char* totalId = "total";

} // namespace

/// A row. `term` points into the estimate that `state_` keeps alive; the total row and the root have none.
struct MemoryModel::Node
{
    std::string id;
    const Term* term = nullptr;
    Node* parent = nullptr;
    std::vector<std::unique_ptr<Node>> children;

    int row() const
    {
        const auto& siblings = parent->children;
        const auto self = std::ranges::find_if(siblings, [this](const auto& other) { return other.get() == this; });
        return static_cast<int>(self - siblings.begin());
    }
};

MemoryModel::MemoryModel(QObject* parent) : QAbstractItemModel(parent), root_(std::make_unique<Node>()) {}

MemoryModel::~MemoryModel() = default;

void MemoryModel::display(const ViewState& state)
{
    const EstimatePointer previous = state_.estimate; // rows point into it until they are merged
    state_ = state;
    if (!state_.estimate)
        return;
    std::vector<std::string> ids;
    ids.reserve(state_.estimate->terms.size() + 1);
    for (const Term& term : state_.estimate->terms)
        ids.push_back(term.id);
    ids.emplace_back(totalId);
    merge(*root_, state_.estimate->terms, ids);
}

void MemoryModel::merge(Node& node, const std::vector<Term>& terms, const std::vector<std::string>& ids)
{
    const QModelIndex at = indexOf(&node);
    // Terms that went. Those left keep their order: every estimate lists its terms in one order.
    for (int row = static_cast<int>(node.children.size()) - 1; row >= 0; --row) {
        if (std::ranges::find(ids, node.children[static_cast<std::size_t>(row)]->id) != ids.end())
            continue;
        beginRemoveRows(at, row, row);
        node.children.erase(node.children.begin() + row);
        endRemoveRows();
    }
    for (std::size_t row = 0; row < ids.size(); ++row) {
        const auto from = node.children.begin() + static_cast<std::ptrdiff_t>(row);
        const auto found =
            std::find_if(from, node.children.end(), [&](const auto& child) { return child->id == ids[row]; });
        if (found == node.children.end()) {
            auto child = std::make_unique<Node>();
            child->id = ids[row];
            child->parent = &node;
            child->term = row < terms.size() ? &terms[row] : nullptr;
            beginInsertRows(at, static_cast<int>(row), static_cast<int>(row));
            node.children.insert(from, std::move(child));
            endInsertRows();
        } else if (found != from) {
            beginMoveRows(at, static_cast<int>(found - node.children.begin()),
                          static_cast<int>(found - node.children.begin()), at, static_cast<int>(row));
            std::rotate(from, found, found + 1);
            endMoveRows();
        }
    }
    update(node, terms);
}

void MemoryModel::update(Node& node, const std::vector<Term>& terms)
{
    for (std::size_t row = 0; row < node.children.size(); ++row) {
        Node& child = *node.children[row];
        child.term = row < terms.size() ? &terms[row] : nullptr;
        std::vector<std::string> ids;
        if (child.term)
            for (const Term& grandchild : child.term->children)
                ids.push_back(grandchild.id);
        static const std::vector<Term> none;
        if (!ids.empty() || !child.children.empty())
            merge(child, child.term ? child.term->children : none, ids);
    }
    if (node.children.empty())
        return;
    const QModelIndex at = indexOf(&node);
    Q_EMIT dataChanged(index(0, 0, at), index(static_cast<int>(node.children.size()) - 1, columns - 1, at));
}

MemoryModel::Node* MemoryModel::nodeOf(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : root_.get();
}

QModelIndex MemoryModel::indexOf(const Node* node) const
{
    if (node == root_.get())
        return {};
    return createIndex(node->row(), 0, node);
}

QModelIndex MemoryModel::indexOf(const QString& id) const
{
    std::vector<const Node*> open = {root_.get()};
    const std::string wanted = id.toStdString();
    while (!open.empty()) {
        const Node* node = open.back();
        open.pop_back();
        if (node != root_.get() && node->id == wanted)
            return indexOf(node);
        for (const auto& child : node->children)
            open.push_back(child.get());
    }
    return {};
}

QModelIndex MemoryModel::index(int row, int column, const QModelIndex& parent) const
{
    const Node* node = nodeOf(parent);
    if (row < 0 || column < 0 || column >= columns || row >= static_cast<int>(node->children.size()) ||
        parent.column() > 0)
        return {};
    return createIndex(row, column, node->children[static_cast<std::size_t>(row)].get());
}

QModelIndex MemoryModel::parent(const QModelIndex& index) const
{
    return index.isValid() ? indexOf(nodeOf(index)->parent) : QModelIndex();
}

int MemoryModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int MemoryModel::columnCount(const QModelIndex&) const
{
    return columns;
}

QString MemoryModel::text(const Node& node, int column) const
{
    if (!node.term)
        return totalText(column);
    const Term& term = *node.term;
    switch (column) {
    case component:
        return coreText(term.label);
    case perGpu:
        return utf8(in_unit(term.bytes, state_.unit));
    case share:
        return shareText(term.bytes, state_.estimate->total);
    case formula:
        return utf8(term.formula.symbols);
    case basis:
        return coreText(basis_label(term));
    default:
        return {};
    }
}

QString MemoryModel::totalText(int column) const
{
    const Estimate& estimate = *state_.estimate;
    switch (column) {
    case component:
        return tr("Total");
    case perGpu:
        return utf8(in_unit(estimate.total, state_.unit));
    case share:
        return u"100\u00A0%"_s;
    case formula: {
        const std::optional<Bytes> all = estimate.total_all_gpus();
        if (estimate.gpus <= 1 || !all)
            return {};
        return tr("× %1 GPUs = %2").arg(utf8(grouped(estimate.gpus)), utf8(in_unit(*all, state_.unit, 1)));
    }
    default:
        return {};
    }
}

QString MemoryModel::toolTip(const Node& node) const
{
    QStringList lines;
    if (!node.term) {
        lines << tr("Total per GPU: %1").arg(inBothUnits(state_.estimate->total, state_.unit));
        const QString range = rangeText(state_.estimate->low, state_.estimate->high, state_.unit, 2);
        if (!range.isEmpty())
            lines << tr("expect %1").arg(range);
        return lines.join(u'\n');
    }
    const Term& term = *node.term;
    lines << coreText(term.label) % u": "_s % inBothUnits(term.bytes, state_.unit);
    if (!term.formula.symbols.empty())
        lines << u"= "_s % utf8(term.formula.symbols) << u"= "_s % utf8(term.formula.numbers);
    lines << tr("%1 of the total").arg(shareText(term.bytes, state_.estimate->total));
    lines << basisText(term, state_.unit);
    if (!term.source.empty())
        lines << coreText(term.source);
    return lines.join(u'\n');
}

QVariant MemoryModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Node& node = *nodeOf(index);
    switch (role) {
    case Qt::DisplayRole:
        return text(node, index.column());
    case Qt::ToolTipRole:
        return toolTip(node);
    case Qt::AccessibleTextRole:
        if (index.column() == formula && node.term)
            return QString(utf8(node.term->formula.symbols) % u" = "_s % utf8(node.term->formula.numbers));
        if (index.column() == basis && node.term)
            return basisText(*node.term, state_.unit);
        return text(node, index.column());
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case idRole:
        return utf8(node.id);
    case numbersRole:
        return node.term ? utf8(node.term->formula.numbers) : QString();
    case rangeRole:
        return node.term ? rangeText(node.term->low, node.term->high, state_.unit, 2) : QString();
    case seriesRole:
        if (!node.term || node.parent != root_.get())
            return -1;
        return static_cast<int>(seriesOf(node.id, static_cast<std::size_t>(index.row())));
    case totalRole:
        return node.term == nullptr;
    default:
        return {};
    }
}

QVariant MemoryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool number = section == perGpu || section == share;
        return static_cast<int>((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case component:
        return tr("Component");
    case perGpu:
        return tr("Per GPU");
    case share:
        return tr("Share");
    case formula:
        return tr("Formula");
    case basis:
        return tr("Basis");
    default:
        return {};
    }
}

} // namespace weighbridge
