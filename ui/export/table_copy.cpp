#include "ui/export/table_copy.h"

#include "ui/theme/text.h"

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

std::vector<QStringList> tableRows(const Estimate& estimate, ByteUnit unit)
{
    std::vector<QStringList> rows;
    rows.push_back({TableCopy::tr("Component"), TableCopy::tr("Per GPU, %1").arg(utf8(unit_name(unit))),
                    TableCopy::tr("Share"), TableCopy::tr("Formula"), TableCopy::tr("Numbers"),
                    TableCopy::tr("Basis")});
    addTerms(rows, estimate.terms, estimate, unit, 0);
    rows.push_back({TableCopy::tr("Total"), utf8(in_unit_bare(estimate.total, unit)), u"100\u00A0%"_s, {}, {}, {}});
    return rows;
}

QString htmlRow(const QStringList& cells, QStringView tag)
{
    QString row = u"<tr>"_s;
    for (const QString& cell : cells)
        row += u'<' % tag % u'>' % cell.toHtmlEscaped() % u"</"_s % tag % u'>';
    return row % u"</tr>\n"_s;
}

} // namespace

std::unique_ptr<QMimeData> tableData(const Estimate& estimate, ByteUnit unit)
{
    const std::vector<QStringList> rows = tableRows(estimate, unit);
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

void copyTable(const Estimate& estimate, ByteUnit unit)
{
    QGuiApplication::clipboard()->setMimeData(tableData(estimate, unit).release());
}

} // namespace weighbridge
