"""The report on a run over message logs: one HTML page that opens offline.

A run of any size gives a page of bounded size. What is counted is counted of everything; what is
shown is a selection, and the page says which (seats.py). Where the work is done, a Chronicle looks
at every exchange and puts out those that its seats have room for, ready for the page, and at the
end a Chapter: timelines and what else only it knows. Where findings are put out, the page takes
all of it, from one process or from several, lets its own seats decide, and is written at the end.
"""
