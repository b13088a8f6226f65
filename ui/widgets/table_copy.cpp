#include "ui/widgets/table_copy.h"

#include "ui/theme/text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

QString htmlRow(const QStringList& cells, QStringView tag)
{
    QString row = u"<tr>"_s;
    for (const QString& cell : cells)
        row += u'<' % tag % u'>' % cell.toHtmlEscaped() % u"</"_s % tag % u'>';
    return row % u"</tr>\n"_s;
}

} // namespace

std::unique_ptr<QMimeData> tableData(const std::vector<Table>& tables)
{
    QString plain;
    QString html;
    for (const Table& table : tables) {
        html += u"<table>\n"_s;
        const auto add = [&](QStringView tag, auto&& textOf) {
            QStringList cells;
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                if (table.columns[i].is_shown())
                    cells << textOf(i, cells.isEmpty());
            plain += cells.join(u'\t') % u'\n';
            html += htmlRow(cells, tag);
        };
        add(u"th", [&](std::size_t i, bool) { return coreText(table.columns[i].heading); });
        for (const Row& row : table.rows)
            add(u"td", [&](std::size_t i, bool first) -> QString {
                return QString(first ? qsizetype{2} * row.depth : 0, u' ') % utf8(row.cells[i].text);
            });
        html += u"</table>\n"_s;
    }
    auto data = std::make_unique<QMimeData>();
    data->setText(plain);
    data->setHtml(html);
    return data;
}

void copyTables(const std::vector<Table>& tables)
{
    QGuiApplication::clipboard()->setMimeData(tableData(tables).release());
}

} // namespace weighbridge
