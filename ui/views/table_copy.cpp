#include "ui/views/table_copy.h"

#include "core/quantity/formula.h"
#include "core/report/summary.h"
#include "ui/theme/text.h"
#include "ui/views/engine_prints.h"
#include "ui/views/layers_model.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QMimeData>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct TableCopy
{
    Q_DECLARE_TR_FUNCTIONS(TableCopy)
};

void addTerms(std::vector<QStringList>& rows, const std::vector<Term>& terms, const Estimate& estimate, ByteUnit unit,
              int depth)
{
    for (const Term& term : terms) {
        rows.push_back({QString(qsizetype{2} * depth, u' ') % coreText(term.label),
                        utf8(in_unit_bare(term.bytes, unit)), shareText(term.bytes, estimate.total),
                        utf8(term.formula.symbols), utf8(term.formula.numbers), coreText(basis_name(term.basis))});
        addTerms(rows, term.children, estimate, unit, depth + 1);
    }
}

void addPrints(std::vector<QStringList>& rows, const Estimate& estimate)
{
    if (estimate.engine_prints.empty())
        return;
    rows.push_back({enginePrintsTitle(estimate), {}, {}, {}, {}, {}});
    for (const EnginePrint& print : estimate.engine_prints)
        rows.push_back({u"  "_s % utf8(print.label), utf8(print_text(print)), {}, {}, {}, {}});
}

std::vector<QStringList> tableRows(const Estimate& estimate, ByteUnit unit)
{
    std::vector<QStringList> rows;
    rows.push_back({TableCopy::tr("Component"), TableCopy::tr("Per GPU, %1").arg(utf8(unit_name(unit))),
                    TableCopy::tr("Share"), TableCopy::tr("Formula"), TableCopy::tr("Numbers"),
                    TableCopy::tr("Basis")});
    addTerms(rows, estimate.terms, estimate, unit, 0);
    rows.push_back({TableCopy::tr("Total"), utf8(in_unit_bare(estimate.total, unit)), u"100\u00A0%"_s, {}, {}, {}});
    addPrints(rows, estimate);
    return rows;
}

std::vector<QStringList> layerRows(const Estimate& estimate, ByteUnit unit)
{
    std::vector<QStringList> rows;
    rows.push_back({TableCopy::tr("Layers"), TableCopy::tr("What they are"), TableCopy::tr("Sizes"),
                    TableCopy::tr("Parameters"), TableCopy::tr("Weights, %1").arg(utf8(unit_name(unit))),
                    TableCopy::tr("Cache per token, B"), TableCopy::tr("Cache per sequence, B")});
    for (const LayerRow& row : estimate.layers)
        rows.push_back({layerRange(row), layerName(row), coreText(row.shape), utf8(grouped(row.parameters)),
                        utf8(in_unit_bare(row.weights, unit)), utf8(formula_number(row.cache_per_token)),
                        utf8(formula_number(row.cache_per_sequence))});
    return rows;
}

QString htmlRow(const QStringList& cells, QStringView tag)
{
    QString row = u"<tr>"_s;
    for (const QString& cell : cells)
        row += u'<' % tag % u'>' % cell.toHtmlEscaped() % u"</"_s % tag % u'>';
    return row % u"</tr>\n"_s;
}

std::unique_ptr<QMimeData> dataOf(const std::vector<QStringList>& rows)
{
    QString plain;
    QString html = u"<table>\n"_s;
    for (const QStringList& row : rows) {
        plain += row.join(u'\t') % u'\n';
        html += htmlRow(row, &row == &rows.front() ? u"th" : u"td");
    }
    html += u"</table>\n"_s;
    auto data = std::make_unique<QMimeData>();
    data->setText(plain);
    data->setHtml(html);
    return data;
}

} // namespace

std::unique_ptr<QMimeData> tableData(const Estimate& estimate, ByteUnit unit)
{
    return dataOf(tableRows(estimate, unit));
}

std::unique_ptr<QMimeData> layersData(const Estimate& estimate, ByteUnit unit)
{
    return dataOf(layerRows(estimate, unit));
}

void copyTable(const Estimate& estimate, ByteUnit unit)
{
    QGuiApplication::clipboard()->setMimeData(tableData(estimate, unit).release());
}

void copyLayers(const Estimate& estimate, ByteUnit unit)
{
    QGuiApplication::clipboard()->setMimeData(layersData(estimate, unit).release());
}

} // namespace weighbridge
