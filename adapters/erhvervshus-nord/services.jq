# services - reads the list of the house's own services.
#
# The list's pages shift while they are read.  A list is whole when as many different services were seen as the
# CRM counts; else it is read again, and after the third time it is not called whole.
include "words";
include "crm";

def page ($number; $known): ask ("page"; {method: "GET", path: "/services", query: {page: "\($number)", size: "100"}}; $known + {page: $number});

if .state == null then page (1; {seen: {}, round: 1})
else
  body as $page
  | .state.seen = reduce $page.items[] as $service (.state.seen; .["\($service.id)"] = $service)
  | if $page.has_more then page (.state.page + 1; {})
    elif (.state.seen | length) == $page.total then {emit: [.state.seen[]]}
    elif .state.round < 3 then page (1; {seen: {}, round: (.state.round + 1)})
    else {emit: [.state.seen[]], incomplete: true}
    end
end
